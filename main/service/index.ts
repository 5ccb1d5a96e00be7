import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { brokerContract, heartbeatContract } from '#contract/supervision.ts'
import { connect } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { measureLoopLag } from '#kit/loop-lag.ts'
import { receivePorts } from '#kit/parent-port.ts'
import type { Port } from '#kit/port.ts'
import { failureOf } from '#kit/request-failed.ts'
import { serve } from '#kit/serve.ts'
import { serveRefused } from './recovery/serve-recovery.ts'
import { appDatabaseOf, openService, type Service } from './service.ts'
import { serveSocket } from './socket/serve-socket.ts'

/** Composition of the service's process. */
const { values } = parseArgs({ options: { profile: { type: 'string' }, resources: { type: 'string' } } })
const { profile = '', resources = '' } = values
const out = fileURLToPath(new URL('..', import.meta.url))
const worker = new URL('app-database.js', import.meta.url)
const backupWorker = new URL('app-database-backup.js', import.meta.url)
const searchWorker = new URL('output-search.js', import.meta.url)
const diffWorker = new URL('output-diff.js', import.meta.url)
/** How long an answer may be on its way, in milliseconds. */
const ANSWER_MS = 300
const meter = measureLoopLag()
const { promise: brokerPort, resolve: receiveBroker } = Promise.withResolvers<Port>()

function onTrouble(message: string, cause?: unknown): void {
  console.error(message, cause ?? '')
}

async function open(): Promise<Service> {
  const port = await brokerPort
  const broker = connect(brokerContract, port, dialWithEnvelopes(port))
  const workers = { worker, backupWorker, searchWorker, diffWorker }
  return openService({ profile, resources, out, ...workers, broker, onTrouble })
}

const opening = open()
const listening = serveSocket({ profile, environment: process.env, serve: serveSession, onTrouble })
listening.catch((error: unknown) => onTrouble('The command line cannot reach this service.', error))
opening.then(
  (service) => service.lost.then(endForRestart),
  (error: unknown) => onTrouble('The service could not be opened.', error),
)

/** A service that cannot be opened answers everything with the reason, and offers a backup where that helps. */
function serveSession(port: Port): void {
  const parts = { ...appDatabaseOf({ profile, resources }), entry: backupWorker }
  opening.then(
    (service) => service.serve(port),
    (error: unknown) => serveRefused(parts, port, failureOf(error), startAnew),
  )
}

/** Ends this process once its last answer is out: main starts another one, which opens what is there now. */
function startAnew(): void {
  setTimeout(() => process.exit(0), ANSWER_MS)
}

/** Ends this process: main starts another one, which reads everything from disk again. */
function endForRestart(error: Error): never {
  onTrouble('The service ends, to be started again.', error)
  process.exit(1)
}

receivePorts((role, port) => {
  switch (role) {
    case 'broker':
      return receiveBroker(port)
    case 'session':
      return serveSession(port)
    case 'heartbeat':
      serve(
        heartbeatContract,
        port,
        {
          heartbeat: () => ({ lag: meter.read() }),
          async shutdown() {
            // What could not be opened has nothing to close; the log says why.
            await listening.then(
              (server) => server.close(),
              () => undefined,
            )
            await opening.then(
              (service) => service.close(),
              () => undefined,
            )
            return {}
          },
        },
        { onTrouble },
      )
      return
    default:
      role satisfies never
  }
})
