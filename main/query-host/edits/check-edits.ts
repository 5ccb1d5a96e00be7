import type { Edit, EditValue, EditValues } from '#contract/edits.ts'
import { failed } from '#kit/request-failed.ts'
import { literal, quoted } from './fragment.ts'

/** Values in messages are cut, in code units. */
const MAX_SHOWN_VALUE = 60
const MIN_INTEGER = -(2n ** 63n)
const MAX_INTEGER = 2n ** 63n - 1n

/** A column, as far as edits are checked against it. */
export interface CheckedColumn {
  readonly name: string
  readonly declaredType: string
  readonly generated: boolean
}

/** A table of any engine, as far as edits are checked against it. */
export interface CheckedTable<Column extends CheckedColumn = CheckedColumn> {
  readonly name: string
  readonly columns: ReadonlyMap<string, Column>
  /** In its order; empty without a primary key. */
  readonly primaryKey: readonly string[]
  /** Names by which a row's place in the table can be read and will do as a key; none where there is no such thing. */
  readonly rowidNames: readonly string[]
}

/**
 * Checks edits against their table.
 * @returns what each is called in messages, such as `edit 3 (update of id = 5)`.
 * @throws RequestFailed `invalid-params` that names an edit which does not fit.
 */
export function checkEdits(table: CheckedTable, edits: readonly Edit[]): readonly string[] {
  const seen = new Map<string, number>()
  return edits.map((edit, at) => {
    const called = nameOf(edit, at)
    checkEdit(table, edit, at, called)
    if (edit.kind === 'insert') return called
    const key = identity(edit.key)
    const before = seen.get(key)
    if (before !== undefined) {
      throw misfit(at, `Edit ${before + 1} and ${called} are of the same row. Make one of them.`)
    }
    seen.set(key, at)
    return called
  })
}

function checkEdit(table: CheckedTable, edit: Edit, at: number, name: string): void {
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

function checkKey(table: CheckedTable, key: EditValues, at: number, name: string): void {
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

function checkRead(table: CheckedTable, original: EditValues, at: number, name: string): void {
  for (const column of Object.keys(original)) columnOf(table, column, at, name)
  checkValues(original, at, name)
}

function checkWritten(table: CheckedTable, values: EditValues, at: number, name: string): void {
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

/** @throws RequestFailed `invalid-params` when the table has no such column. */
export function columnOf<Column extends CheckedColumn>(
  table: CheckedTable<Column>,
  column: string,
  at: number,
  name: string,
): Column {
  const found = table.columns.get(column)
  if (found) return found
  throw misfit(at, `In ${name}, ${table.name} has no column ${column}. Read the schema again.`)
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

/** A value as messages show it. */
export function shown(value: EditValue): string {
  const text = literal(value)
  return text.length > MAX_SHOWN_VALUE ? `${text.slice(0, MAX_SHOWN_VALUE)}…` : text
}

/** An edit that does not fit its table. */
export function misfit(edit: number, message: string): Error {
  return failed('invalid-params', message, { edits: [{ edit, trouble: 'refused' }] })
}
