import { z } from 'zod'
import { call, type Contract } from './channel.ts'
import { loopLag, processInfo, statementCounts } from './processes.ts'

/** What main asks of every process that it has forked. */
export const heartbeatContract = {
  /** An answer says that the loop turns; a query host inside a statement gives none, and that is no fault. */
  heartbeat: call(z.object({}), z.object({ lag: loopLag, statements: statementCounts.optional() })),
  /** Finish what must be on disk, then answer; main ends the process after that. */
  shutdown: call(z.object({}), z.object({})),
} satisfies Contract

/** What Offloop is made of at this moment. */
export const appDescription = z.object({
  version: z.string(),
  electron: z.string(),
  node: z.string(),
  /** Absolute path of the folder that holds everything of this profile. */
  profile: z.string(),
  processes: z.array(processInfo),
})

/** The same, as the service tells it. */
export const wholeAppDescription = appDescription.extend({
  /** What starts commands without a terminal: Offloop's own program, or Perl, where that does not work. */
  launcher: z.enum(['native', 'perl']),
})
export type AppDescription = z.infer<typeof wholeAppDescription>

/** Where a secret is kept: a person is warned of anything but the keychain. */
export const keptWhere = z.enum(['keychain', 'obscured', 'memory'])
export type KeptWhere = z.infer<typeof keptWhere>

/** What the service asks of main, which alone can fork and kill query hosts. */
export const brokerContract = {
  'app.describe': call(z.object({}), appDescription),
  /** Ends Offloop; answered before it does. The pid is main's, which is the last to go. */
  'app.quit': call(z.object({}), z.object({ pid: z.number().int().positive() })),
  /** Forks a query host and answers with a session port to it. `about` is shown in the process view. */
  'host.fork': call(
    z.object({ about: z.string() }),
    z.object({ hostId: z.number().int(), pid: z.number().int() }),
  ),
  /** Ends a query host, whatever it is doing; answered when its process is gone. */
  'host.kill': call(z.object({ hostId: z.number().int() }), z.object({})),
  /** Says whether a host is inside a statement, so that its silence is not taken for a fault. */
  'host.busy': call(z.object({ hostId: z.number().int(), busy: z.boolean() }), z.object({})),
  /** What a query host holds in memory; null when it has ended. For systems without files that say so. */
  'host.memory': call(
    z.object({ hostId: z.number().int() }),
    z.object({ bytes: z.number().nonnegative().nullable() }),
  ),
  /** Reads a secret by the name of its owner; null when none is kept. Main alone has the system's keychain. */
  'secret.read': call(z.object({ owner: z.string() }), z.object({ secret: z.string().nullable() })),
  /** Keeps a secret, or forgets it for null. Fails with `disk-full`. */
  'secret.write': call(
    z.object({ owner: z.string(), secret: z.string().nullable() }),
    z.object({ kept: keptWhere }),
  ),
} satisfies Contract
export type BrokerContract = typeof brokerContract

/** Main to a child, on its parent port: a session port for the child to serve or to ask on, transferred beside it. */
export const delivery = z.object({
  role: z.enum([
    /** Serve `heartbeatContract` on it. */
    'heartbeat',
    /** The service asks `brokerContract` on it. */
    'broker',
    /** Serve the process's own contract on it: `serviceContract`, or `queryHostContract`. */
    'session',
  ]),
})
export type Delivery = z.infer<typeof delivery>
