import { onMounted, shallowRef } from 'vue'
import { runText } from '#contract/run-text.ts'
import type { QueryRun, RunId } from '#contract/run.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'

/** As many as one finds a query in by eye. */
const MOST_QUERIES = 30
/** Characters of a statement in a list; its beginning says which one it is. */
const MOST_CHARACTERS = 80

/** A query whose rows can be had without running it again. */
export interface RecentQuery {
  readonly run: RunId
  readonly text: string
  readonly rows: number
}

/**
 * The latest queries that were done and have rows.
 * @param chosen the run that is asked for already: it is among them, however old it is.
 */
export function useRecentQueries(chosen: () => RunId | undefined) {
  const queries = shallowRef<readonly RecentQuery[]>([])
  const trouble = shallowRef('')

  onMounted(async () => {
    try {
      const { ids: found } = await askService('runs.find', {
        filter: { kind: 'query', states: ['done'] },
        order: { by: 'id', descending: true },
      })
      const ids = Array.from(
        new Float64Array(found.slice(0, MOST_QUERIES * Float64Array.BYTES_PER_ELEMENT).buffer),
      )
      const { runs } = await askService('runs.page', { ids })
      const before = chosen()
      const other =
        before !== undefined && !ids.includes(before) ? [await askService('run.get', { id: before })] : []
      queries.value = [...other, ...runs]
        .filter((run) => run.kind === 'query')
        .filter((run) => run.progress.rows > 0 || run.id === before)
        .map(recentQuery)
    } catch (error) {
      trouble.value = messageOf(error)
    }
  })
  return { queries, trouble }
}

function recentQuery({ id, spec, progress }: QueryRun): RecentQuery {
  const text = runText(spec)
  const shown = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text
  return { run: id, text: shown, rows: progress.rows }
}
