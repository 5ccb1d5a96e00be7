import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import type { ParamsOf, ResultOf } from '#contract/channel.ts'
import { queryHostContract } from '#contract/query-host.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { PASSWORD } from '#kit/postgres-server-fixture.ts'
import { serve } from '#kit/serve.ts'
import { createEngineHost } from '../engine-host.ts'
import { cellsOf, rowsChannel } from '../host-fixture.ts'
import { createQueryHost } from '../query-host.ts'

/** A host over real message ports, with a server's database open in it. */
export async function openServerHost(
  address: string,
  mode: 'read-only' | 'read-write' = 'read-write',
  password: string | null = PASSWORD,
): Promise<Client<typeof queryHostContract>> {
  const client = serverHost()
  await client.call('open', { path: address, mode, ...(password === null ? {} : { password }) })
  return client
}

/** A host over real message ports that is closed after the test. */
export function serverHost(): Client<typeof queryHostContract> {
  const { port1, port2 } = new MessageChannel()
  const host = createEngineHost(createQueryHost())
  const serving = serve(queryHostContract, nodePort(port1), host.handlers)
  const session = nodePort(port2)
  onTestFinished(async () => {
    await host.close()
    serving.close()
  })
  return connect(queryHostContract, session, dialWithEnvelopes(session))
}

type Executed = ResultOf<typeof queryHostContract, 'execute'>

/** What a statement gave: its end, and its cells as text. */
export interface Outcome extends Executed {
  readonly cells: string[][]
}

/** Runs a statement to its end and reads all of its rows. */
export async function runOnServer(
  client: Client<typeof queryHostContract>,
  params: Omit<ParamsOf<typeof queryHostContract, 'execute'>, 'resultPath' | 'rows'>,
  signal?: AbortSignal,
): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-pg-result-'))
  const { passenger, client: reader } = rowsChannel()
  try {
    const running = client.stream(
      'execute',
      { ...params, resultPath: join(folder, 'result'), rows: 'all' },
      { passengers: [passenger], ...(signal ? { signal } : {}) },
    )
    const cells: string[][] = []
    const reading = (async () => {
      for await (const item of reader.stream('rows', {}))
        if (item.kind === 'rows') cells.push(...cellsOf(item))
    })()
    const [executed, read] = await Promise.allSettled([running.result, reading])
    if (executed.status === 'rejected') throw executed.reason
    if (read.status === 'rejected') throw read.reason
    return { ...executed.value, cells }
  } finally {
    await rm(folder, { recursive: true })
  }
}
