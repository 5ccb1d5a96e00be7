import { access } from 'node:fs/promises'
import { basename } from 'node:path'
import Database from 'better-sqlite3'
import type { RawValue } from '#contract/chunk/encode.ts'
import { ownNames } from '#contract/own-names.ts'
import { resultFiles } from '#contract/chunk/result-file.ts'
import { failed } from '#kit/request-failed.ts'
import { loadAccelerator } from './accelerator/load.ts'
import { openResultRows } from './accelerator/result-rows.ts'
import { binding } from './binding.ts'
import { isEngineError, refusal, type Connection } from './database-failure.ts'

/** The one table of a result's database. */
const TABLE = 'result'

/**
 * Opens a finished result as a database in memory that can only be read: its one table is `result`, whose rowid is the
 * number of the row, from 1. What is added to the result later is not seen.
 * @param path absolute, without the endings of the result's two files.
 * @param library the extension; without it every query reads all rows before those that it wants.
 * @throws RequestFailed `not-found`, or `database` when the file's beginning is damaged or it has no columns.
 */
export async function openResult(path: string, library?: string): Promise<Connection> {
  const { rows } = resultFiles(path)
  try {
    await access(rows)
  } catch {
    throw failed(
      'not-found',
      `The result of run ${basename(path)} is no longer there: it was removed with its run, or because results were too many or too old. Run its query again.`,
    )
  }
  const connection = new Database(':memory:', binding())
  try {
    connection.pragma('trusted_schema = OFF')
    if (library === undefined) defineTable(connection)
    else loadAccelerator(connection, library, 'result')
    connection.exec(`CREATE VIRTUAL TABLE ${TABLE} USING offloop_result('${path.replaceAll("'", "''")}')`)
    connection.pragma('query_only = ON')
    return connection
  } catch (error) {
    connection.close()
    if (!isEngineError(error)) throw error
    throw refusal(`This result cannot be queried: ${error.message}. Run its query again.`)
  }
}

/** What better-sqlite3 makes a table of. */
interface VirtualTable {
  readonly columns: string[]
  readonly rows: () => Generator<RawValue[]>
  readonly safeIntegers: boolean
}

/** The module that the extension has, in JavaScript: always from the first row on, and without declared types. */
function defineTable(connection: Connection): void {
  const module = (argument: string): VirtualTable => {
    const { columns, rows } = openResultRows(argument.slice(1, -1).replaceAll("''", "'"))
    if (columns.length === 0) {
      throw refusal('This result cannot be queried: its statement returned no rows.')
    }
    return {
      columns: ownNames(columns.map(({ name }) => name)),
      rows: function* () {
        yield* rows()
      },
      safeIntegers: true,
    }
  }
  // The types of the package know only the other form, an object for a table without arguments.
  ;(connection as unknown as { table(name: string, factory: typeof module): unknown }).table(
    'offloop_result',
    module,
  )
}
