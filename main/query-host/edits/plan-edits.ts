import type { Edit, EditPlan, EditValue, EditValues, RowDiff, StagedEdits } from '#contract/edits.ts'
import { failed } from '#kit/request-failed.ts'
import { isEngineError, type Connection } from '../database-failure.ts'
import { readEditedTable, type EditedColumn, type EditedTable } from './edited-table.ts'
import { bound, join, literal, quoted, raw, sql, written, type Fragment } from './fragment.ts'
import { rowCondition } from './row-condition.ts'
import { openStorage, type Storage } from './stored-value.ts'

/** As long as a query's text may be, in UTF-16 code units: the history keeps it as one. */
const MAX_SQL_LENGTH = 10_000_000
/** Values in messages are cut, in code units. */
const MAX_SHOWN_VALUE = 60
const MIN_INTEGER = -(2n ** 63n)
const MAX_INTEGER = 2n ** 63n - 1n

/** An edit that fits its table. */
export interface PlannedEdit {
  /** For messages, such as `edit 3 (update of id = 5)`. */
  readonly name: string
  readonly kind: Edit['kind']
  readonly statement: Fragment
  /** True for the row as it was read; absent for a new one. */
  readonly isUnchanged?: Fragment
  /** True for what has the row's key. */
  readonly hasKey?: Fragment
  readonly diff: RowDiff
}

export interface PlannedEdits {
  readonly table: EditedTable
  readonly edits: readonly PlannedEdit[]
}

/**
 * Checks edits against their table, and makes the statement of each. Reads no rows.
 * @throws RequestFailed `not-found` without the table, `invalid-params` that names an edit which does not fit it.
 */
export function planEdits(connection: Connection, { table: name, edits }: StagedEdits): PlannedEdits {
  const table = readEditedTable(connection, name)
  const storage = openStorage(connection, table.strict)
  const seen = new Map<string, number>()
  try {
    return {
      table,
      edits: edits.map((edit, at) => {
        const called = nameOf(edit, at)
        checkEdit(table, edit, at, called)
        if (edit.kind !== 'insert') {
          const key = identity(edit.key)
          const before = seen.get(key)
          if (before !== undefined) {
            throw misfit(at, `Edit ${before + 1} and ${called} are of the same row. Make one of them.`)
          }
          seen.set(key, at)
        }
        return planned(table, storage, edit, at, called)
      }),
    }
  } finally {
    storage.close()
  }
}

/**
 * The plan as it is shown.
 * @throws RequestFailed `invalid-params` when its text is too long for the history.
 */
export function describePlan({ edits }: PlannedEdits): EditPlan {
  const lines = edits.map(({ statement }) => `${written(statement)};`)
  const text = ['BEGIN IMMEDIATE;', ...lines, 'COMMIT;'].join('\n')
  if (text.length > MAX_SQL_LENGTH) {
    throw failed(
      'invalid-params',
      `These edits are ${text.length} characters of SQL, and ${MAX_SQL_LENGTH} are the most at a time. Apply them in parts.`,
    )
  }
  return {
    diff: edits.map(({ diff }) => diff),
    statements: edits.map(({ statement }) => bound(statement)),
    sql: text,
  }
}

function planned(table: EditedTable, storage: Storage, edit: Edit, at: number, name: string): PlannedEdit {
  const target = `main.${quoted(table.name)}`
  // A clause of the table that lets another row go, or leaves the edit out, would do so unseen.
  const verb = table.resolvesConflicts ? ' OR ABORT' : ''
  const kind = edit.kind
  switch (kind) {
    case 'insert': {
      const cells = Object.entries(edit.values).map(([column, value]) => ({
        column,
        ...storedAs(table, storage, column, value, at, name),
      }))
      return {
        name,
        kind,
        statement: insertion(`INSERT${verb} INTO ${target}`, edit.values),
        diff: { kind, key: null, cells },
      }
    }
    case 'update': {
      const isUnchanged = rowCondition(edit.key, edit.original)
      const cells = Object.entries(edit.changes).map(([column, value]) => ({
        column,
        before: valueOf(edit.original, column),
        ...storedAs(table, storage, column, value, at, name),
      }))
      const sets = Object.entries(edit.changes).map(
        ([column, value]) => sql`${raw(quoted(column))} = ${{ value }}`,
      )
      const statement = sql`${raw(`UPDATE${verb} ${target} SET `)}${join(sets, ', ')} WHERE ${isUnchanged}`
      return {
        name,
        kind,
        statement,
        isUnchanged,
        hasKey: rowCondition(edit.key, {}),
        diff: { kind, key: edit.key, cells },
      }
    }
    case 'delete': {
      const isUnchanged = rowCondition(edit.key, edit.original)
      const cells = Object.entries({ ...edit.key, ...edit.original })
        .filter(([column]) => table.columns.has(column))
        .map(([column, before]) => ({ column, before, converted: false }))
      const statement = sql`${raw(`DELETE FROM ${target} WHERE `)}${isUnchanged}`
      return {
        name,
        kind,
        statement,
        isUnchanged,
        hasKey: rowCondition(edit.key, {}),
        diff: { kind, key: edit.key, cells },
      }
    }
    default:
      return kind satisfies never
  }
}

function insertion(into: string, values: EditValues): Fragment {
  const entries = Object.entries(values)
  if (entries.length === 0) return raw(`${into} DEFAULT VALUES`)
  const names = entries.map(([column]) => quoted(column)).join(', ')
  const given = entries.map(([, value]): Fragment => [{ value }])
  return sql`${raw(`${into} (${names}) VALUES (`)}${join(given, ', ')})`
}

function storedAs(
  table: EditedTable,
  storage: Storage,
  column: string,
  value: EditValue,
  at: number,
  name: string,
): { after: EditValue; converted: boolean } {
  try {
    const after = storage.stored(value, columnOf(table, column, at, name))
    return { after, converted: isConverted(value, after) }
  } catch (error) {
    if (!isEngineError(error)) throw error
    const { declaredType } = columnOf(table, column, at, name)
    throw misfit(
      at,
      `In ${name}, ${column} is ${declaredType} and does not take ${shown(value)}. Give another value.`,
    )
  }
}

function isConverted(value: EditValue, after: EditValue): boolean {
  const isText = (one: EditValue): boolean =>
    typeof one === 'string' || (typeof one === 'object' && one !== null && 'text' in one)
  // A text that stays one keeps its bytes, which may be given in two ways.
  return isText(value) ? !isText(after) : literal(after) !== literal(value)
}

function checkEdit(table: EditedTable, edit: Edit, at: number, name: string): void {
  switch (edit.kind) {
    case 'insert':
      checkWritten(table, edit.values, at, name)
      return
    case 'update': {
      checkKey(table, edit.key, at, name)
      checkRead(table, edit.original, at, name)
      const changed = Object.keys(edit.changes)
      if (changed.length === 0) throw misfit(at, `In ${name} nothing is changed. Leave it out.`)
      checkWritten(table, edit.changes, at, name)
      checkAllRead(changed, edit.original, at, name)
      return
    }
    case 'delete': {
      checkKey(table, edit.key, at, name)
      checkRead(table, edit.original, at, name)
      const kept = [...table.columns.values()]
        .filter((column) => !column.generated)
        .map((column) => column.name)
      checkAllRead(kept, { ...edit.key, ...edit.original }, at, name)
      return
    }
    default:
      edit satisfies never
  }
}

/** What is overwritten must be known, or the work of somebody else would be lost unseen. */
function checkAllRead(columns: readonly string[], original: EditValues, at: number, name: string): void {
  const unread = columns.filter((column) => !Object.hasOwn(original, column))
  if (unread.length === 0) return
  throw misfit(at, `In ${name} it is not said what ${unread.join(', ')} held. Read the row again.`)
}

function checkKey(table: EditedTable, key: EditValues, at: number, name: string): void {
  const names = Object.keys(key)
  const [only] = names
  if (names.length === 1 && only !== undefined && table.rowidNames.includes(only)) {
    checkValues(key, at, name)
    return
  }
  const { primaryKey, rowidNames } = table
  const isPrimary =
    primaryKey.length > 0 &&
    names.length === primaryKey.length &&
    primaryKey.every((part) => Object.hasOwn(key, part))
  if (!isPrimary) {
    const ways = [
      ...(primaryKey.length > 0 ? [`its primary key (${primaryKey.join(', ')})`] : []),
      ...rowidNames.slice(0, 1),
    ]
    const way =
      ways.length > 0 ? `by ${ways.join(' or ')}` : 'by nothing: columns have all names of its rowid'
    throw misfit(at, `In ${name} the row is not named as it must be: a row of ${table.name} is found ${way}.`)
  }
  checkValues(key, at, name)
}

function checkRead(table: EditedTable, original: EditValues, at: number, name: string): void {
  for (const column of Object.keys(original)) columnOf(table, column, at, name)
  checkValues(original, at, name)
}

function checkWritten(table: EditedTable, values: EditValues, at: number, name: string): void {
  for (const column of Object.keys(values)) {
    if (!columnOf(table, column, at, name).generated) continue
    throw misfit(at, `In ${name}, ${column} is computed from other columns. Change those.`)
  }
  checkValues(values, at, name)
}

function checkValues(values: EditValues, at: number, name: string): void {
  for (const [column, value] of Object.entries(values)) {
    if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
      throw misfit(at, `In ${name}, the text for ${column} has half of a character. Type it again.`)
    }
    if (typeof value !== 'object' || value === null) continue
    if ('integer' in value && (BigInt(value.integer) < MIN_INTEGER || BigInt(value.integer) > MAX_INTEGER)) {
      throw misfit(
        at,
        `In ${name}, the value for ${column} is no integer of 64 bits. Give it as text or as a real.`,
      )
    }
  }
}

function columnOf(table: EditedTable, column: string, at: number, name: string): EditedColumn {
  const found = table.columns.get(column)
  if (found) return found
  throw misfit(at, `In ${name}, ${table.name} has no column ${column}. Read the schema again.`)
}

function valueOf(values: EditValues, column: string): EditValue {
  return values[column] ?? null
}

/** Equal for two ways to write the same key. */
function identity(key: EditValues): string {
  const parts = Object.entries(key).map(([column, value]) => `${quoted(column)} ${literal(value)}`)
  return parts.sort().join(', ')
}

function nameOf(edit: Edit, at: number): string {
  if (edit.kind === 'insert') return `edit ${at + 1} (insert)`
  const key = Object.entries(edit.key).map(([column, value]) => `${column} = ${shown(value)}`)
  return `edit ${at + 1} (${edit.kind} of ${key.join(', ')})`
}

function shown(value: EditValue): string {
  const text = literal(value)
  return text.length > MAX_SHOWN_VALUE ? `${text.slice(0, MAX_SHOWN_VALUE)}…` : text
}

function misfit(edit: number, message: string): Error {
  return failed('invalid-params', message, { edits: [{ edit, trouble: 'refused' }] })
}
