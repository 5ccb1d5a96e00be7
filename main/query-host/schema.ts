import { stat } from 'node:fs/promises'
import type { IndexInfo, Schema, TableInfo } from '#contract/database.ts'
import { databaseFailure, isEngineError, type Connection } from './database-failure.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

interface TableRow {
  readonly name: string
  readonly type: 'table' | 'view' | 'virtual' | 'shadow'
  readonly strict: 0 | 1
  readonly wr: 0 | 1
}
interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly notnull: 0 | 1
  readonly pk: number
  readonly dflt_value: string | null
  /** 2 and 3 for a generated column, virtual and stored. */
  readonly hidden: number
}
interface ForeignKeyRow {
  readonly from: string
  readonly table: string
  readonly to: string | null
}
interface IndexRow {
  readonly name: string
  readonly unique: 0 | 1
  readonly origin: 'c' | 'u' | 'pk'
  readonly partial: 0 | 1
  readonly column: string | null
  readonly desc: 0 | 1
}
interface SourceRow {
  readonly type: 'table' | 'index' | 'view' | 'trigger'
  readonly name: string
  readonly table: string
  readonly sql: string | null
}

/** Tables that the engine keeps for itself, and the shadow tables of virtual ones, are left out. */
const TABLES = `SELECT name, type, strict, wr FROM pragma_table_list
  WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name COLLATE NOCASE`
/** Hidden columns (1) of virtual tables are not selected by `*`; generated ones (2 and 3) are. */
const COLUMNS = `SELECT name, type, "notnull", pk, dflt_value, hidden FROM pragma_table_xinfo(?)
  WHERE hidden <> 1 ORDER BY cid`
const FOREIGN_KEYS = `SELECT "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq`
/** A row for each column of each index. */
const INDEXES = `SELECT i.name, i."unique", i.origin, i.partial, c.name AS "column", c."desc"
  FROM pragma_index_list(?) AS i, pragma_index_xinfo(i.name) AS c WHERE c.key = 1 ORDER BY i.seq DESC, c.seqno`
const SOURCES = `SELECT type, name, tbl_name AS "table", sql FROM sqlite_schema ORDER BY rowid`

/** Everything that is asked of each table. */
interface Questions {
  readonly columns: Query<ColumnRow>
  readonly foreignKeys: Query<ForeignKeyRow>
  readonly indexes: Query<IndexRow>
  readonly sources: Sources
}

/**
 * Reads what a person needs to write queries: tables and views with their columns, keys, indexes and triggers. The
 * statements are prepared once and asked for each table: 10,000 tables take about 1 s of one core.
 * @throws RequestFailed `database`.
 */
export async function readSchema(connection: Connection, signal?: AbortSignal): Promise<Schema> {
  const path = connection.name
  try {
    const tables = await retryWhileLocked(() => connection.prepare<[], TableRow>(TABLES).all(), signal)
    const questions: Questions = {
      columns: connection.prepare<[string], ColumnRow>(COLUMNS),
      foreignKeys: connection.prepare<[string], ForeignKeyRow>(FOREIGN_KEYS),
      indexes: connection.prepare<[string], IndexRow>(INDEXES),
      sources: collectSources(connection.prepare<[], SourceRow>(SOURCES).all()),
    }
    return {
      tables: tables.map((table) => describe(table, questions)),
      sqliteVersion: String(connection.prepare('SELECT sqlite_version()').pluck().get()),
      bytes: connection.memory ? 0 : (await stat(path)).size,
      journalMode: String(connection.pragma('journal_mode', { simple: true })),
    }
  } catch (error) {
    throw isEngineError(error) ? databaseFailure(error, path) : error
  }
}

interface Query<R> {
  all(name: string): R[]
}

/** The SQL of tables, views and indexes by name, and of triggers by the name of their table; names in lower case. */
interface Sources {
  readonly byName: ReadonlyMap<string, string>
  readonly triggers: ReadonlyMap<string, readonly { readonly name: string; readonly sql: string }[]>
}

function collectSources(rows: readonly SourceRow[]): Sources {
  const byName = new Map<string, string>()
  const triggers = new Map<string, { name: string; sql: string }[]>()
  for (const { type, name, table, sql } of rows) {
    if (sql === null) continue
    if (type !== 'trigger') {
      byName.set(name.toLowerCase(), sql)
      continue
    }
    const key = table.toLowerCase()
    const list = triggers.get(key) ?? []
    list.push({ name, sql })
    triggers.set(key, list)
  }
  return { byName, triggers }
}

function describe({ name, type, strict, wr }: TableRow, questions: Questions): TableInfo {
  const { columns, foreignKeys, indexes, sources } = questions
  const isTable = type === 'table'
  const sql = sources.byName.get(name.toLowerCase())
  return {
    name,
    kind: type === 'shadow' ? 'table' : type,
    columns: rowsOrNone(columns, name).map(describeColumn),
    foreignKeys: isTable
      ? rowsOrNone(foreignKeys, name).map(({ from, table, to }) => ({ from, table, to }))
      : [],
    ...(sql === undefined ? {} : { sql }),
    strict: strict === 1,
    withoutRowid: wr === 1,
    indexes: isTable ? groupIndexes(rowsOrNone(indexes, name), sources) : [],
    triggers: [...(sources.triggers.get(name.toLowerCase()) ?? [])],
  }
}

function describeColumn(column: ColumnRow): TableInfo['columns'][number] {
  return {
    name: column.name,
    declaredType: column.type,
    notNull: column.notnull === 1,
    primaryKey: column.pk,
    ...(column.dflt_value === null ? {} : { defaultValue: column.dflt_value }),
    ...(column.hidden === 2 ? { generated: 'virtual' as const } : {}),
    ...(column.hidden === 3 ? { generated: 'stored' as const } : {}),
  }
}

const INDEX_ORIGINS = { c: 'created', u: 'unique', pk: 'primary-key' } as const

function groupIndexes(rows: readonly IndexRow[], { byName }: Sources): IndexInfo[] {
  const grouped = new Map<string, IndexInfo>()
  for (const { name, unique, origin, partial, column, desc } of rows) {
    const sql = byName.get(name.toLowerCase())
    const index = grouped.get(name) ?? {
      name,
      unique: unique === 1,
      partial: partial === 1,
      origin: INDEX_ORIGINS[origin],
      columns: [],
      ...(sql === undefined ? {} : { sql }),
    }
    index.columns.push({ name: column, descending: desc === 1 })
    grouped.set(name, index)
  }
  return [...grouped.values()]
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
