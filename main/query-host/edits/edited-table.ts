import { failed } from '#kit/request-failed.ts'
import type { Connection } from '../database-failure.ts'

/** Names by which a rowid may be read, unless a column has them: https://www.sqlite.org/rowidtable.html */
const ROWID_NAMES = ['rowid', '_rowid_', 'oid']

export interface EditedColumn {
  readonly name: string
  readonly declaredType: string
  readonly generated: boolean
}

/** What has to be known of a table whose rows are edited. */
export interface EditedTable {
  readonly name: string
  readonly columns: ReadonlyMap<string, EditedColumn>
  /** In its order; empty without a primary key. */
  readonly primaryKey: readonly string[]
  /** Names by which the rowid can be read; none for a table without. */
  readonly rowidNames: readonly string[]
  readonly withoutRowid: boolean
  readonly strict: boolean
  /** A constraint says what happens in a conflict, perhaps that another row goes. */
  readonly resolvesConflicts: boolean
}

interface TableRow {
  readonly type: 'table' | 'view' | 'virtual' | 'shadow'
  readonly wr: 0 | 1
  readonly strict: 0 | 1
  readonly sql: string | null
}

interface ColumnRow {
  readonly name: string
  readonly type: string
  readonly pk: number
  readonly hidden: number
}

/**
 * Reads what a table is.
 * @throws RequestFailed `not-found`, or `invalid-params` for what has no rows of its own that could be edited.
 */
export function readEditedTable(connection: Connection, name: string): EditedTable {
  const table = connection
    .prepare<[string], TableRow>(
      `SELECT l.type, l.wr, l.strict, (SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = l.name) AS sql
        FROM pragma_table_list AS l WHERE l.schema = 'main' AND l.name = ?`,
    )
    .get(name)
  if (!table) throw failed('not-found', `There is no table ${name} any more. Read the schema again.`)
  refuseOthers(name, table)
  const columns = connection
    .prepare<[string], ColumnRow>(
      `SELECT name, type, pk, hidden FROM pragma_table_xinfo(?, 'main') ORDER BY cid`,
    )
    .all(name)
  const taken = new Set(columns.map((column) => column.name.toLowerCase()))
  return {
    name,
    columns: new Map(
      columns.map((column) => [
        column.name,
        { name: column.name, declaredType: column.type, generated: column.hidden > 1 },
      ]),
    ),
    primaryKey: columns
      .filter(({ pk }) => pk > 0)
      .sort((a, b) => a.pk - b.pk)
      .map((column) => column.name),
    rowidNames: table.wr === 1 ? [] : ROWID_NAMES.filter((rowid) => !taken.has(rowid)),
    withoutRowid: table.wr === 1,
    strict: table.strict === 1,
    resolvesConflicts: /\bon\s+conflict\b/i.test(table.sql ?? ''),
  }
}

function refuseOthers(name: string, { type: kind }: TableRow): void {
  if (name.toLowerCase().startsWith('sqlite_')) {
    throw failed('invalid-params', `${name} is SQLite's own table, which cannot be edited.`)
  }
  switch (kind) {
    case 'table':
      return
    case 'view':
      throw failed(
        'invalid-params',
        `${name} is a view: its rows belong to other tables. Edit them there, or write an UPDATE that its triggers take.`,
      )
    case 'virtual':
      throw failed(
        'invalid-params',
        `${name} is a virtual table, whose module alone knows what a row is. Change it with a statement of your own.`,
      )
    case 'shadow':
      throw failed(
        'invalid-params',
        `${name} belongs to a virtual table, which an edit here would break. Change that one with a statement of your own.`,
      )
    default:
      kind satisfies never
  }
}
