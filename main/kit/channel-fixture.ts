import { MessageChannel } from 'node:worker_threads'
import { z } from 'zod'
import { call, stream, type Contract } from '#contract/channel.ts'
import { connect, type Client } from './client.ts'
import { dialWithEnvelopes, dialWithPortPerRequest } from './dial.ts'
import { nodePort } from './node-port.ts'
import type { Port } from './port.ts'
import { serve, type Handlers, type Serving } from './serve.ts'

/** A contract for tests, with one method of each kind. */
export const testContract = {
  echo: call(z.object({ text: z.string() }), z.object({ text: z.string() })),
  count: stream(z.object({ to: z.number().int() }), z.number().int(), z.object({ sent: z.number().int() })),
} satisfies Contract
export type TestContract = typeof testContract

/** The two ways in which a request's line is opened; every test of the protocol runs with both. */
export const dialings = ['a port per request', 'envelopes'] as const

export interface Channel {
  readonly client: Client<TestContract>
  readonly serving: Serving
  readonly trouble: string[]
  /** The asker's end of the session. */
  readonly near: Port
  /** The answerer's end of the session. */
  readonly far: Port
  close(): void
}

/** Two entangled ports of Node, wrapped. */
export function makeNodeChannel(): readonly [Port, Port] {
  const { port1, port2 } = new MessageChannel()
  return [nodePort(port1), nodePort(port2)]
}

/** Serves `handlers` and connects to them over real message ports. */
export function openChannel(dialing: (typeof dialings)[number], handlers: Handlers<TestContract>): Channel {
  const [near, far] = makeNodeChannel()
  const trouble: string[] = []
  const serving = serve(testContract, far, handlers, { onTrouble: (message) => trouble.push(message) })
  const dial =
    dialing === 'envelopes' ? dialWithEnvelopes(near) : dialWithPortPerRequest(near, makeNodeChannel)
  return {
    client: connect(testContract, near, dial),
    serving,
    trouble,
    near,
    far,
    close: () => near.close(),
  }
}
