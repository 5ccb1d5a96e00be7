import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { RawValue } from '#contract/chunk/encode.ts'
import { failed } from '#kit/request-failed.ts'
import { binding } from '../binding.ts'
import { refusal, type Connection } from '../database-failure.ts'
import { HISTORY_READS, HISTORY_TABLES } from './history-tables.ts'
import { outputLines } from './output-lines.ts'
import { usageSamples } from './usage-samples.ts'

/** Runs that are read at a time: a few milliseconds, after which the log of Offloop's own database may be emptied. */
const RUNS_AT_ONCE = 1_000
/** Numbers of runs that are compared at a time. */
const COMPARED_AT_ONCE = 10_000
/** Offloop's own writer is done with a transaction long before. In milliseconds. */
const BUSY_TIMEOUT_MS = 5_000

const FINAL = `state_kind NOT IN ('queued', 'running', 'paused')`

/** A copy of the history, and what it needs to be brought up to date. */
interface Copy {
  readonly source: Connection
  /** The attempt of each run that is in the copy and will not change by itself. */
  readonly settled: Map<number, number>
  /** The latest attempt of every run. */
  readonly attempts: Map<number, number>
}

const copies = new WeakMap<Connection, Copy>()

/**
 * Opens the history of a profile as a database that can only be read. It is a copy of its own, brought up to date before
 * each statement in small steps: a long query keeps neither Offloop's database from being written nor its log from being
 * emptied. The lines of outputs, and samples, are read from their files when they are asked for.
 * @param folder absolute path of the profile
 * @throws RequestFailed `not-found` when there is no history there.
 */
export async function openHistory(folder: string, signal?: AbortSignal): Promise<Connection> {
  const file = join(folder, 'offloop.db')
  try {
    await access(file)
  } catch {
    throw failed('not-found', `There is no history in ${folder}. Give the folder of a profile of Offloop.`)
  }
  const source = new Database(file, { readonly: true, timeout: BUSY_TIMEOUT_MS, ...binding() })
  // An empty name is a database in a temporary file, which may grow and is gone with its connection.
  const connection = new Database('', binding())
  try {
    connection.pragma('trusted_schema = OFF')
    connection.exec(HISTORY_TABLES)
    const copy: Copy = { source, settled: new Map(), attempts: new Map() }
    defineFiles(connection, join(folder, 'runs'), copy)
    copies.set(connection, copy)
    await refreshHistory(connection, signal)
    return connection
  } catch (error) {
    source.close()
    connection.close()
    throw error
  }
}

/** Brings the copy of a history up to date; does nothing for any other database, and inside a transaction. */
export async function refreshHistory(connection: Connection, signal?: AbortSignal): Promise<void> {
  const copy = copies.get(connection)
  if (!copy || connection.inTransaction) return
  connection.pragma('query_only = OFF')
  try {
    const stale = await findStale(connection, copy, signal)
    for (let from = 0; from < stale.length; from += RUNS_AT_ONCE) {
      signal?.throwIfAborted()
      takeRuns(connection, copy, stale.slice(from, from + RUNS_AT_ONCE))
      await nextTurn()
    }
    takePools(connection, copy)
  } finally {
    connection.pragma('query_only = ON')
  }
}

/** Lets go of what the copy was made from; does nothing for any other database. */
export function closeHistory(connection: Connection): void {
  copies.get(connection)?.source.close()
  copies.delete(connection)
}

/** The runs that have changed since they were read, and those that were not. What was deleted is taken out at once. */
async function findStale(
  connection: Connection,
  { source, settled, attempts }: Copy,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  const compare = source.prepare<[number, number], { id: number; final: number; attempt: number }>(
    `SELECT id, ${FINAL} AS final, attempt FROM runs WHERE id > ? ORDER BY id LIMIT ?`,
  )
  const there = new Set<number>()
  const stale: number[] = []
  for (let from = 0; ;) {
    signal?.throwIfAborted()
    const page = compare.all(from, COMPARED_AT_ONCE)
    for (const { id, final, attempt } of page) {
      there.add(id)
      attempts.set(id, attempt)
      if (settled.get(id) !== attempt || final === 0) stale.push(id)
      if (final === 0) settled.delete(id)
      else settled.set(id, attempt)
    }
    const last = page.at(-1)
    if (!last || page.length < COMPARED_AT_ONCE) break
    from = last.id
    await nextTurn()
  }
  const gone = [...attempts.keys()].filter((id) => !there.has(id))
  for (const id of gone) {
    attempts.delete(id)
    settled.delete(id)
  }
  if (gone.length > 0) connection.transaction(() => leave(connection, JSON.stringify(gone)))()
  return stale
}

function takeRuns(connection: Connection, { source }: Copy, ids: readonly number[]): void {
  const chosen = JSON.stringify(ids)
  connection.transaction(() => {
    leave(connection, chosen)
    for (const [table, read] of Object.entries(HISTORY_READS)) {
      const rows = source.prepare<[string], RawValue[]>(read).raw().all(chosen)
      put(connection, table, rows)
    }
  })()
}

function leave(connection: Connection, ids: string): void {
  for (const table of Object.keys(HISTORY_READS)) {
    const key = table === 'runs' ? 'id' : 'run_id'
    connection.prepare(`DELETE FROM ${table} WHERE ${key} IN (SELECT value FROM json_each(?))`).run(ids)
  }
}

function takePools(connection: Connection, { source }: Copy): void {
  const rows = source
    .prepare<[], RawValue[]>('SELECT name, concurrency, capacity, paused, closed FROM pools')
    .raw()
    .all()
  connection.transaction(() => {
    connection.exec('DELETE FROM pools')
    put(connection, 'pools', rows)
  })()
}

function put(connection: Connection, table: string, rows: readonly RawValue[][]): void {
  const [first] = rows
  if (!first) return
  const insert = connection.prepare<RawValue[]>(
    `INSERT INTO ${table} VALUES (${first.map(() => '?').join(', ')})`,
  )
  for (const row of rows) insert.run(...row)
}

/** What better-sqlite3 makes a table with parameters of. */
interface FileTable {
  readonly columns: string[]
  readonly parameters: string[]
  readonly rows: (run: unknown, attempt: unknown) => Generator<RawValue[]>
}

/** The tables whose rows lie in files: `output_lines(run, attempt)` and `samples(run, attempt)`. */
function defineFiles(connection: Connection, folder: string, { attempts }: Copy): void {
  const define = connection as unknown as { table(name: string, definition: FileTable): unknown }

  /** Of the latest attempt unless one is named. Undefined for a run that there is not. */
  function fileOf(table: string, name: string, run: unknown, attempt: unknown): string | undefined {
    if (run === undefined || run === null)
      throw refusal(
        `${table} needs the number of a run: SELECT * FROM ${table}(12), or join it: FROM runs JOIN ${table} ON ${table}.run_id = runs.id.`,
      )
    const id = Number(run)
    const number = attempt === undefined || attempt === null ? attempts.get(id) : Number(attempt)
    if (!attempts.has(id) || number === undefined || !Number.isSafeInteger(number)) return undefined
    return join(folder, String(id), String(number), name)
  }

  define.table('output_lines', {
    columns: ['number', 'text', 'arrived_at'],
    parameters: ['run_id', 'attempt'],
    *rows(run, attempt) {
      const path = fileOf('output_lines', 'output', run, attempt)
      const times = fileOf('output_lines', 'times', run, attempt)
      if (path !== undefined && times !== undefined) yield* outputLines(path, times)
    },
  })
  define.table('samples', {
    columns: ['at', 'cores', 'memory_bytes', 'read_bytes', 'written_bytes', 'processes'],
    parameters: ['run_id', 'attempt'],
    *rows(run, attempt) {
      const path = fileOf('samples', 'usage', run, attempt)
      if (path !== undefined) yield* usageSamples(path)
    },
  })
}
