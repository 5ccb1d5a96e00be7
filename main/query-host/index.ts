import { fileURLToPath } from 'node:url'
import { queryHostContract } from '#contract/query-host.ts'
import { heartbeatContract } from '#contract/supervision.ts'
import { measureLoopLag } from '#kit/loop-lag.ts'
import { receivePorts } from '#kit/parent-port.ts'
import { serve } from '#kit/serve.ts'
import { findLibrary } from './accelerator/library.ts'
import { createEngineHost } from './engine-host.ts'
import { createQueryHost } from './query-host.ts'

/** Composition of the query host's process. */
const host = createEngineHost(createQueryHost(findLibrary(fileURLToPath(new URL('..', import.meta.url)))))
const meter = measureLoopLag()

function onTrouble(message: string, cause?: unknown): void {
  console.error(`query host: ${message}`, cause ?? '')
}

receivePorts((role, port) => {
  switch (role) {
    case 'session':
      serve(queryHostContract, port, host.handlers, { onTrouble })
      return
    case 'heartbeat':
      serve(
        heartbeatContract,
        port,
        {
          heartbeat: () => ({ lag: meter.read(), statements: host.statementCounts }),
          shutdown: async () => {
            await host.close()
            return {}
          },
        },
        { onTrouble },
      )
      return
    case 'broker':
      return onTrouble('A broker port came, for which a query host has no use.')
    default:
      role satisfies never
  }
})
