import { constants } from 'node:fs'
import { access, open as openFile, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import Database from 'better-sqlite3'
import { HISTORY } from '#contract/database.ts'
import { failed } from '#kit/request-failed.ts'
import { loadAccelerator } from './accelerator/load.ts'
import { binding } from './binding.ts'
import { databaseFailure, isEngineError, refusal, type Connection } from './database-failure.ts'
import { openHistory } from './history/open-history.ts'
import { openResult } from './open-result.ts'
import { LOCK_STEP_MS, retryWhileLocked } from './retry-while-locked.ts'

export type Mode = 'read-only' | 'read-write'

/** Before the path of a finished result. */
const RESULT = 'result:'
/** The first bytes of every database that is not empty: https://www.sqlite.org/fileformat.html#magic_header_string */
const FILE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1')

/**
 * Pages that a connection keeps, in KiB. better-sqlite3's own 16,000 were 13 of the 40 MB that a host grew by while it read
 * a table; sorting it, and a join that reads its rows in no order, took as long with 4,000, because the system keeps the
 * pages of files as well.
 */
const PAGE_CACHE_KIB = 4_000

/**
 * Opens a database file that nobody vouches for.
 * @param path absolute; `result:` before one, without the endings of its two files, is a finished result.
 * @param options.signal stops the waiting for a lock.
 * @param options.library the extension to load into the connection; without it everything works, only slower.
 * @throws RequestFailed `not-found`, or `database` with what is wrong with the file.
 */
export async function openDatabase(
  path: string,
  mode: Mode,
  { signal, library }: OpenOptions = {},
): Promise<Connection> {
  if (path.startsWith(HISTORY)) return openHistory(path.slice(HISTORY.length), signal)
  if (path.startsWith(RESULT)) return openResult(path.slice(RESULT.length), library)
  await checkFile(path, mode)
  let connection: Connection | undefined
  try {
    connection = new Database(path, {
      readonly: mode === 'read-only',
      fileMustExist: true,
      timeout: LOCK_STEP_MS,
      ...binding(),
    })
    secure(connection, mode)
    const opened = connection
    // The first read of the file itself: it finds out whether it is a whole database, and whether it is locked.
    await retryWhileLocked(() => opened.prepare('SELECT count(*) FROM sqlite_schema').get(), signal)
    // After that read, because both read the schema, for which a lock might have to be waited.
    connection.pragma(`cache_size = -${PAGE_CACHE_KIB}`)
    if (library !== undefined) loadAccelerator(connection, library)
    return connection
  } catch (error) {
    connection?.close()
    throw isEngineError(error) ? databaseFailure(error, path) : error
  }
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined
  readonly library?: string | undefined
}

/** Trusts nothing in the file. Defensive mode and no `load_extension()` are better-sqlite3's own defaults. */
function secure(connection: Connection, mode: Mode): void {
  connection.pragma('trusted_schema = OFF')
  connection.pragma('cell_size_check = ON')
  if (mode === 'read-only') connection.pragma('query_only = ON')
}

async function checkFile(path: string, mode: Mode): Promise<void> {
  // better-sqlite3 trims names and gives a meaning to some: what is opened must be the file that was meant.
  if (!isAbsolute(path) || path !== path.trim()) {
    throw refusal(
      `"${path}" cannot be opened: its path must be absolute, without white space at its ends. Rename the file.`,
    )
  }
  try {
    const about = await stat(path)
    if (about.isDirectory()) throw refusal(`${path} is a folder. Choose a database file in it.`)
    if (!about.isFile()) throw refusal(`${path} is not an ordinary file. Choose a database file.`)
    await access(path, constants.R_OK)
    if (about.size > 0 && !(await beginsAsDatabase(path))) {
      throw refusal(`${path} is not a SQLite database, or it is encrypted. Choose another file.`)
    }
  } catch (error) {
    throw explained(error, path)
  }
  if (mode === 'read-only') return
  try {
    await access(path, constants.W_OK)
  } catch {
    throw failed(
      'database',
      `You have no permission to change ${path}. Open it read-only, or change its permissions.`,
      {
        engineCode: 'EACCES',
      },
    )
  }
}

async function beginsAsDatabase(path: string): Promise<boolean> {
  const file = await openFile(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_MAGIC.length), 0, FILE_MAGIC.length, 0)
    return bytesRead === FILE_MAGIC.length && buffer.equals(FILE_MAGIC)
  } finally {
    await file.close()
  }
}

function explained(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    // There can be none of that name: it is too long, or holds a byte that ends names.
    case 'ENAMETOOLONG':
    case 'ERR_INVALID_ARG_VALUE':
      return failed(
        'not-found',
        `There is no file ${path}. It may have been moved or deleted; choose it again.`,
        {
          engineCode: code,
        },
      )
    case 'EACCES':
    case 'EPERM':
      return failed(
        'database',
        `You have no permission to read ${path}. Change its permissions, or choose another file.`,
        {
          engineCode: code,
        },
      )
    default:
      return error
  }
}
