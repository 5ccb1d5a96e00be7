import { shallowRef, triggerRef, watch } from 'vue'
import { engineOf, type DatabaseEntry, type Schema, type TableInfo } from '#contract/database.ts'
import { service } from '../../ipc/ask.ts'
import { schemas } from '../../ipc/schemas.ts'
import { perFrame } from '../../pacing/per-frame.ts'
import { fullName } from '../../sql/table-sql.ts'

/** Counting reads every table: in a larger file than this it would keep a disk busy for minutes, and waits to be asked. */
const COUNTED_UNASKED_BYTES = 4_000_000_000
/** From here on after a database was opened: the first query has the disk and the processors for itself. */
const COUNT_AFTER_MS = 1_500

/** Rows by the full name of their table; null where they cannot be counted. */
export type RowCounts = ReadonlyMap<string, number | null>

/** What is known of the rows of databases, by their paths. */
export const rowCounts = shallowRef<ReadonlyMap<string, RowCounts>>(new Map())

const counting = new Map<string, AbortController>()
const showChange = perFrame(() => triggerRef(rowCounts))

/** Counts the rows of tables in the background, instead of what is being counted of their database. */
export async function countRows(path: string, of: readonly TableInfo[]): Promise<void> {
  stopCounting(path)
  const controller = new AbortController()
  counting.set(path, controller)
  const { signal } = controller
  const tables = of.filter(({ kind }) => kind === 'table').map(fullName)
  // What was counted before stays until it is counted again.
  const counts = new Map(rowCounts.value.get(path))
  if (tables.length > 0) rowCounts.value = new Map(rowCounts.value).set(path, counts)
  try {
    const client = await service(signal)
    for await (const { table, rows } of client.stream('database.counts', { path, tables }, { signal })) {
      counts.set(table, rows)
      showChange()
    }
  } catch {
    // Counts are an extra: a table without one says nothing, and what is wrong with the database is told where it matters.
  } finally {
    if (counting.get(path) === controller) counting.delete(path)
  }
}

function stopCounting(path: string): void {
  counting.get(path)?.abort()
  counting.delete(path)
}

/** Forgets what was counted, so that an estimate which is newer is not hidden by it. */
function forgetCounts(path: string): void {
  stopCounting(path)
  if (!rowCounts.value.has(path)) return
  const others = new Map(rowCounts.value)
  others.delete(path)
  rowCounts.value = others
}

/**
 * Counts the rows of every file that is small enough, whenever its tables are read, for as long as the page lives. A server
 * estimates them at once; its tables are counted only when somebody asks, since others work there too.
 */
export function countUnasked(databases: () => readonly DatabaseEntry[]): void {
  const begun = new Map<string, Schema>()
  watch(
    () => databases().map(({ path }) => ({ path, state: schemas.get(path) })),
    (known) => {
      for (const path of begun.keys()) {
        if (known.some((each) => each.path === path)) continue
        begun.delete(path)
        stopCounting(path)
      }
      for (const { path, state } of known) {
        if (state?.kind !== 'ready' || begun.get(path) === state.schema) continue
        begun.set(path, state.schema)
        if (engineOf(path) === 'postgres') forgetCounts(path)
        if (engineOf(path) !== 'sqlite' || state.schema.bytes > COUNTED_UNASKED_BYTES) continue
        setTimeout(() => {
          if (begun.get(path) === state.schema) void countRows(path, state.schema.tables)
        }, COUNT_AFTER_MS)
      }
    },
    { immediate: true },
  )
}
