import type { serviceFanOut } from '#contract/template/fan-out.ts'
import type { Handlers } from '#kit/serve.ts'
import type { Scheduler } from '../scheduler/open-scheduler.ts'
import type { RunRequest } from '../scheduler/run-request.ts'
import { slices } from '../scheduler/slices.ts'
import type { Vault } from '../secrets/vault.ts'
import { makeCommands } from './make-commands.ts'
import { readColumns, type ReadItemsOptions } from './read-items.ts'

export interface FanOutOptions extends ReadItemsOptions {
  readonly scheduler: Pick<Scheduler, 'runBatch'>
  readonly vault: Pick<Vault, 'sealSpec' | 'storeEnvironment'>
}

/** Answers what is asked about running a command for each of many. */
export function serveFanOut({ scheduler, vault, ...reading }: FanOutOptions): Handlers<typeof serviceFanOut> {
  return {
    'fanOut.columns': async ({ run }) => readColumns(reading, run),

    async 'fanOut.preview'({ count, ...asked }, { signal }) {
      const commands = await makeCommands(reading, asked, signal)
      const first = await Promise.all(commands.slice(0, count).map((command) => vault.sealSpec(command)))
      return { total: commands.length, first }
    },

    async 'fanOut.run'({ onFailure, terms, callerEnvironment, whenFull, ...asked }, { signal }) {
      const commands = await makeCommands(reading, asked, signal)
      const [first] = commands
      const environment =
        callerEnvironment && first && (await vault.storeEnvironment(callerEnvironment, first))
      const pause = slices()
      const requests: RunRequest[] = []
      for (const command of commands) {
        requests.push({ spec: await vault.sealSpec(command), terms, environment, whenFull, signal })
        await pause()
      }
      const { id, runs } = await scheduler.runBatch(requests, onFailure)
      return { batch: id, runs: runs.map((run) => run.id) }
    },
  }
}
