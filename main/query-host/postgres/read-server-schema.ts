import type pg from 'pg'
import type { Schema, TableInfo } from '#contract/database.ts'

/** Tables and their columns in one query: 10,000 tables take about a second. */
const COLUMNS = `SELECT c.oid::text AS id, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
    CASE WHEN c.reltuples > 0 OR c.reltuples = 0 AND c.relpages > 0 THEN c.reltuples::float8 END AS "estimatedRows", a.attname AS column,
    format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
    coalesce(array_position(p.conkey, a.attnum), 0) AS "primaryKey", $GENERATED AS generated
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_constraint p ON p.conrelid = c.oid AND p.contype = 'p'
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  ORDER BY n.nspname, c.relname, a.attnum`
const FOREIGN_KEYS = `SELECT f.conrelid::text AS id, a.attname AS "from", t.relname AS "table", tn.nspname AS schema, b.attname AS "to"
  FROM pg_constraint f
  CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY AS k(near, far, place)
  JOIN pg_class t ON t.oid = f.confrelid
  JOIN pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.near
  JOIN pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.far
  WHERE f.contype = 'f'
  ORDER BY f.conrelid, f.conname, k.place`
/** Columns that are computed came with PostgreSQL 12. */
const FIRST_WITH_GENERATED = 120_000
const ABOUT = `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number, pg_database_size(current_database())::float8 AS bytes`
/** Arrays and the row types of tables are left out: there are three of them for each table. */
const TYPES = `SELECT oid::int8::float8 AS id, format_type(oid, NULL) AS name FROM pg_type
  WHERE oid < 16384 OR typtype IN ('b', 'e', 'd', 'r', 'm') AND typelem = 0`

interface ColumnRow {
  readonly id: string
  readonly schema: string
  readonly name: string
  readonly kind: string
  /** Null for what was never analyzed: before PostgreSQL 14 that is no rows in no pages. */
  readonly estimatedRows: number | null
  readonly column: string | null
  readonly type: string
  readonly notNull: boolean
  readonly primaryKey: number
  /** `s`tored or `v`irtual; empty for a column that has its value from whoever writes it. */
  readonly generated: string | null
}
interface ForeignKeyRow {
  readonly id: string
  readonly from: string
  readonly schema: string
  readonly table: string
  readonly to: string
}

/** Reads what a person needs to write queries: tables and views with their columns and keys. */
export async function readServerSchema(client: pg.Client): Promise<Schema> {
  const about = await client.query<{ version: string; number: number; bytes: number }>(ABOUT)
  const [{ version, number, bytes } = { version: '', number: 0, bytes: 0 }] = about.rows
  const generatedColumn = number < FIRST_WITH_GENERATED ? "''" : 'a.attgenerated'
  const columns = await client.query<ColumnRow>(COLUMNS.replace('$GENERATED', generatedColumn))
  const foreignKeys = await client.query<ForeignKeyRow>(FOREIGN_KEYS)
  const tables = new Map<string, TableInfo>()
  for (const row of columns.rows) {
    let table = tables.get(row.id)
    if (!table) tables.set(row.id, (table = tableOf(row)))
    if (row.column !== null) table.columns.push(columnOf(row, row.column))
  }
  for (const { id, from, schema, table, to } of foreignKeys.rows) {
    const owner = tables.get(id)
    owner?.foreignKeys.push({ from, table: schema === owner.schema ? table : `${schema}.${table}`, to })
  }
  return {
    engine: 'postgres',
    tables: [...tables.values()],
    serverVersion: version,
    bytes,
    sqliteVersion: '',
    journalMode: '',
  }
}

function tableOf({ schema, name, kind, estimatedRows }: ColumnRow): TableInfo {
  const estimate = estimatedRows === null ? {} : { estimatedRows }
  return { schema, name, kind: kindOf(kind), ...estimate, columns: [], foreignKeys: [] }
}

function columnOf(row: ColumnRow, name: string): TableInfo['columns'][number] {
  const { type: declaredType, notNull, primaryKey, generated } = row
  const column = { name, declaredType, notNull, primaryKey }
  if (generated === 's') return { ...column, generated: 'stored' }
  return generated === 'v' ? { ...column, generated: 'virtual' } : column
}

function kindOf(relkind: string): TableInfo['kind'] {
  if (relkind === 'v') return 'view'
  return relkind === 'm' ? 'materialized' : 'table'
}

/** Reads what the server calls its types. */
export async function readTypeNames(client: pg.Client): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ id: number; name: string }>(TYPES)
  return new Map(rows.map(({ id, name }) => [id, name]))
}
