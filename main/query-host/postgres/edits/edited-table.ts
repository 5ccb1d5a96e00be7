import type pg from 'pg'
import { failed } from '#kit/request-failed.ts'
import { findTable } from '../find-table.ts'
import type { CheckedColumn, CheckedTable } from '../../edits/check-edits.ts'

/** How values of a column are compared, so that what is equal is the same value to the last bit. */
export type Comparison =
  /** `=` is exact: integers, truth and bytes. */
  | 'exact'
  /** `=` is exact but for the two zeros. */
  | 'real'
  /** Byte by byte, whatever the column's collation. */
  | 'text'
  /** As the server writes it, as text: `1.0` and `1.00` are two values of a numeric. */
  | 'written'

export interface ServerColumn extends CheckedColumn {
  /** Of the type under all domains: what its values are sent as. */
  readonly typeId: number
  /** What a value is cast to, to see what the column makes of it. */
  readonly castType: string
  readonly comparison: Comparison
}

export interface ServerTable extends CheckedTable<ServerColumn> {
  /** With its schema, in quotes where it needs them. */
  readonly quoted: string
}

/**
 * Columns, each with the type under its domains. A cast to a type of characters or bits with a length would cut what an
 * UPDATE refuses, so that their lengths are left out; -1 says so, since without a length `character` means one.
 */
const COLUMNS = `WITH RECURSIVE base (num, type) AS (
    SELECT attnum, atttypid FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT b.num, t.typbasetype FROM base b JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
  )
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS "declaredType", t.oid::int8::float8 AS "typeId",
    format_type(a.atttypid, CASE WHEN t.typname ~ '^_?(varchar|bpchar|bit|varbit)$' THEN -1 ELSE a.atttypmod END) AS "castType",
    t.typname AS type, to_jsonb(a)->>'attgenerated' AS computed, to_jsonb(a)->>'attidentity' AS identity,
    coalesce(array_position(p.conkey, a.attnum), 0) AS "primaryKey"
  FROM pg_attribute a
  JOIN base b ON b.num = a.attnum
  JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd'
  LEFT JOIN pg_constraint p ON p.conrelid = a.attrelid AND p.contype = 'p'
  WHERE a.attrelid = $1::oid
  ORDER BY a.attnum`

interface ColumnRow {
  readonly name: string
  readonly declaredType: string
  readonly typeId: number
  readonly castType: string
  readonly type: string
  /** Absent before PostgreSQL 12. */
  readonly computed: string | null
  readonly identity: string | null
  readonly primaryKey: number
}

/**
 * Reads what a table is.
 * @param name with its schema, or alone where the search path leads to it.
 * @throws RequestFailed `not-found`, or `invalid-params` for what has no rows that could be told apart.
 */
export async function readServerTable(client: pg.Client, name: string): Promise<ServerTable> {
  const { id, quoted } = await findTable(client, name)
  const kinds = await client.query<{ kind: string }>('SELECT relkind AS kind FROM pg_class WHERE oid = $1', [
    id,
  ])
  refuseOthers(name, kinds.rows[0]?.kind ?? '')
  const { rows } = await client.query<ColumnRow>(COLUMNS, [id])
  const primaryKey = rows
    .filter((row) => row.primaryKey > 0)
    .sort((a, b) => a.primaryKey - b.primaryKey)
    .map((row) => row.name)
  if (primaryKey.length === 0) {
    throw failed(
      'invalid-params',
      `${name} has no primary key, so that its rows cannot be told apart for certain. Give it one, or write an UPDATE, INSERT or DELETE, and run it.`,
    )
  }
  return {
    name,
    quoted,
    columns: new Map(
      rows.map(({ name: column, declaredType, typeId, castType, type, computed, identity }) => [
        column,
        {
          name: column,
          declaredType,
          typeId,
          castType,
          comparison: comparisonOf(type),
          // The server gives these their values, as it does for those that it computes.
          generated: Boolean(computed) || identity === 'a',
        },
      ]),
    ),
    primaryKey,
    rowidNames: [],
  }
}

function comparisonOf(type: string): Comparison {
  if (/^(int2|int4|int8|oid|bool|bytea)$/.test(type)) return 'exact'
  if (/^float[48]$/.test(type)) return 'real'
  return /^(text|varchar)$/.test(type) ? 'text' : 'written'
}

function refuseOthers(name: string, kind: string): void {
  if (kind === 'v' || kind === 'm') {
    throw failed(
      'invalid-params',
      `${name} is a view: its rows belong to other tables. Edit them there, or write an UPDATE that its rules take.`,
    )
  }
}
