import { stat } from 'node:fs/promises'
import type { Schema, TableInfo } from '#contract/database.ts'
import { databaseFailure, isEngineError, type Connection } from './database-failure.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

interface TableRow {
  readonly name: string
  readonly type: 'table' | 'view' | 'virtual' | 'shadow'
}
interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly notnull: 0 | 1
  readonly pk: number
}
interface ForeignKeyRow {
  readonly from: string
  readonly table: string
  readonly to: string | null
}

/** Tables that the engine keeps for itself, and the shadow tables of virtual ones, are left out. */
const TABLES = `SELECT name, type FROM pragma_table_list
  WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name COLLATE NOCASE`
/** Hidden columns (1) of virtual tables are not selected by `*`; generated ones (2 and 3) are. */
const COLUMNS = `SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`
const FOREIGN_KEYS = `SELECT "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq`

/**
 * Reads what a person needs to write queries: tables and views with their columns and keys.
 * @throws RequestFailed `database`.
 */
export async function readSchema(connection: Connection, signal?: AbortSignal): Promise<Schema> {
  const path = connection.name
  try {
    const tables = await retryWhileLocked(() => connection.prepare<[], TableRow>(TABLES).all(), signal)
    const columns = connection.prepare<[string], ColumnRow>(COLUMNS)
    const foreignKeys = connection.prepare<[string], ForeignKeyRow>(FOREIGN_KEYS)
    return {
      tables: tables.map((table) => describe(table, columns, foreignKeys)),
      sqliteVersion: String(connection.prepare('SELECT sqlite_version()').pluck().get()),
      bytes: (await stat(path)).size,
      journalMode: String(connection.pragma('journal_mode', { simple: true })),
    }
  } catch (error) {
    throw isEngineError(error) ? databaseFailure(error, path) : error
  }
}

interface Query<R> {
  all(name: string): R[]
}

function describe(
  { name, type }: TableRow,
  columns: Query<ColumnRow>,
  foreignKeys: Query<ForeignKeyRow>,
): TableInfo {
  return {
    name,
    kind: type === 'shadow' ? 'table' : type,
    columns: rowsOrNone(columns, name).map((column) => ({
      name: column.name,
      declaredType: column.type,
      notNull: column.notnull === 1,
      primaryKey: column.pk,
    })),
    foreignKeys: rowsOrNone(foreignKeys, name).map(({ from, table, to }) => ({ from, table, to })),
  }
}

/** A view over a table that is gone, or a virtual table of an unknown module, has no columns, and spoils no others. */
function rowsOrNone<R>(query: Query<R>, name: string): R[] {
  try {
    return query.all(name)
  } catch (error) {
    if (isEngineError(error) && error.code === 'SQLITE_ERROR') return []
    throw error
  }
}
