import { watch } from 'vue'
import { workspace } from '../../ipc/workspace.ts'
import { starterQueries } from '../query/starter-queries.ts'

/** The first time there is a sample and nothing else to look at, a query on it is. */
export function useWelcome(
  isEmpty: () => boolean,
  openStarter: (database: string, sql: string) => void,
): void {
  const stop = watch(
    workspace,
    (next) => {
      if (next?.sample.kind !== 'ready') return
      queueMicrotask(() => stop())
      const sample = next.databases.find((entry) => entry.sample)
      const [starter] = starterQueries
      if (sample && starter && isEmpty()) openStarter(sample.path, starter.sql)
    },
    { immediate: true },
  )
}
