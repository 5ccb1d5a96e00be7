import { mkdir, open as openFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { databaseFailure, isEngineError, type Connection } from './database-failure.ts'
import { SAMPLE_FINISH, SAMPLE_SCHEMA, SAMPLE_TABLES } from './sample-data.ts'

/** Rows made at a time, about 50 ms: between two such slices a cancel is heard and progress is told. */
const ROWS_PER_SLICE = 20_000

/**
 * Makes the sample database: the same rows every time. It is written beside and renamed when it is whole, so that a
 * half-made one is never opened.
 * @param path absolute, of the new file; an older one is replaced.
 * @param onProgress told of the fraction done, 0 to 1.
 * @throws the signal's reason when it is aborted; then nothing is left behind.
 */
export async function makeSample(
  path: string,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<{ rows: number }> {
  const making = `${path}.making`
  await mkdir(dirname(path), { recursive: true })
  await rm(making, { force: true })
  try {
    const rows = await fill(making, signal, onProgress)
    await sync(making)
    await rename(making, path)
    await sync(dirname(path))
    onProgress(1)
    return { rows }
  } catch (error) {
    await rm(making, { force: true })
    throw isEngineError(error) ? databaseFailure(error, path) : error
  }
}

async function fill(
  making: string,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<number> {
  const { OFFLOOP_SQLITE_BINDING: nativeBinding } = process.env
  const connection: Connection = new Database(making, nativeBinding ? { nativeBinding } : {})
  try {
    // The file is thrown away when this does not end well, so that it needs no journal and one sync, at the end.
    connection.pragma('journal_mode = OFF')
    connection.pragma('synchronous = OFF')
    connection.pragma('foreign_keys = OFF')
    connection.exec(SAMPLE_SCHEMA)
    const total = SAMPLE_TABLES.reduce((sum, { rows }) => sum + rows, 0)
    let made = 0
    for (const { rows, insert } of SAMPLE_TABLES) {
      const statement = connection.prepare<{ first: bigint; last: bigint }>(insert)
      connection.exec('BEGIN')
      for (let first = 1; first <= rows; first += ROWS_PER_SLICE) {
        const last = Math.min(rows, first + ROWS_PER_SLICE - 1)
        statement.run({ first: BigInt(first), last: BigInt(last) })
        made += last - first + 1
        onProgress(made / (total + 1))
        await nextTurn()
        signal.throwIfAborted()
      }
      connection.exec('COMMIT')
    }
    for (const statement of SAMPLE_FINISH) {
      connection.exec(statement)
      await nextTurn()
      signal.throwIfAborted()
    }
    return made
  } finally {
    connection.close()
  }
}

/** Brings a file, or a folder's list of names, to the disk. */
async function sync(path: string): Promise<void> {
  const handle = await openFile(path, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Windows cannot sync a folder; there the rename is durable by itself.
    if (process.platform !== 'win32') throw error
  } finally {
    await handle.close()
  }
}
