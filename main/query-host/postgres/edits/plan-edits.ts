import type pg from 'pg'
import type { Edit, EditPlan, EditValue, EditValues, StagedEdits } from '#contract/edits.ts'
import { checkEdits, columnOf, misfit, shown } from '../../edits/check-edits.ts'
import { describePlan, plannedEdit, type PlannedEdit, type StoredValue } from '../../edits/planned-edit.ts'
import { isServerError, type ServerError } from '../server-failure.ts'
import { valueParser } from '../value-parsers.ts'
import { readServerTable, type ServerColumn, type ServerTable } from './edited-table.ts'
import { rowCondition } from './row-condition.ts'
import { serverStyle, serverText } from './server-style.ts'

/** Values that one question asks about: a server across the world answers in a tenth of a second. */
const ASKED_TOGETHER = 200
/** Undoes what failed without the transaction around it. */
const MARK = 'offloop_plan'

export interface ServerEdits {
  readonly table: ServerTable
  readonly edits: readonly PlannedEdit[]
}

/** A value that is to be written. */
interface WantedValue {
  readonly at: number
  readonly name: string
  readonly column: ServerColumn
  readonly value: EditValue
}

/**
 * Checks edits against their table, and makes the statement of each. Reads no rows.
 * @param client inside a transaction.
 * @throws RequestFailed `not-found` without the table, `invalid-params` that names an edit which does not fit it; what the
 * server says.
 */
export async function planOnServer(
  client: pg.Client,
  { table: name, edits }: StagedEdits,
): Promise<ServerEdits> {
  const table = await readServerTable(client, name)
  const names = checkEdits(table, edits)
  for (const [at, edit] of edits.entries()) refuseUnreadable(edit, at, names[at] ?? '')
  const wanted = edits.flatMap((edit, at) =>
    Object.entries(writtenBy(edit)).map(([column, value]): WantedValue => {
      const called = names[at] ?? ''
      return { at, name: called, column: columnOf(table, column, at, called), value }
    }),
  )
  const stored = await storedValues(client, wanted)
  return {
    table,
    edits: edits.map((edit, at) =>
      plannedEdit(edit, names[at] ?? '', {
        target: table.quoted,
        verb: '',
        columns: table.columns,
        rowCondition: (key, original) => rowCondition(table, key, original),
        stored: (column, value) => stored.get(at)?.get(column) ?? { after: value, converted: false },
      }),
    ),
  }
}

/** The plan as it is shown. @throws RequestFailed as `planOnServer`, and when its text is too long. */
export async function showServerPlan(client: pg.Client, staged: StagedEdits): Promise<EditPlan> {
  const { edits } = await planOnServer(client, staged)
  return describePlan(edits, serverStyle)
}

function writtenBy(edit: Edit): EditValues {
  switch (edit.kind) {
    case 'insert':
      return edit.values
    case 'update':
      return edit.changes
    case 'delete':
      return {}
    default:
      return edit satisfies never
  }
}

/** What no server takes: text by its bytes, and the character that ends a text for it. */
function refuseUnreadable(edit: Edit, at: number, name: string): void {
  for (const [column, value] of Object.entries(writtenBy(edit))) {
    const isBytes = typeof value === 'object' && value !== null && 'text' in value
    if (isBytes || (typeof value === 'string' && value.includes('\0')))
      throw misfit(
        at,
        `In ${name}, ${column} does not take a text with a NUL or with bytes that are no text.`,
      )
  }
}

/** Has the server say what columns make of values, by the edit's place and the column's name. */
async function storedValues(
  client: pg.Client,
  wanted: readonly WantedValue[],
): Promise<ReadonlyMap<number, ReadonlyMap<string, StoredValue>>> {
  const stored = new Map<number, Map<string, StoredValue>>()
  for (let first = 0; first < wanted.length; first += ASKED_TOGETHER) {
    const some = wanted.slice(first, first + ASKED_TOGETHER)
    for (const [index, text] of (await askForSome(client, some)).entries()) {
      const each = some[index]
      if (!each) continue
      const ofEdit = stored.get(each.at) ?? new Map<string, StoredValue>()
      ofEdit.set(each.column.name, storedAs(each, text))
      stored.set(each.at, ofEdit)
    }
  }
  return stored
}

async function askForSome(
  client: pg.Client,
  some: readonly WantedValue[],
): Promise<readonly (string | null)[]> {
  await client.query(`SAVEPOINT ${MARK}`)
  try {
    return await askForTexts(client, some)
  } catch (error) {
    if (!isServerError(error)) throw error
    await client.query(`ROLLBACK TO SAVEPOINT ${MARK}`)
    const [only] = some
    if (some.length === 1 && only) throw refused(only, error)
    // Which one it is, is found one by one.
    const texts: (string | null)[] = []
    for (const each of some) texts.push(...(await askForSome(client, [each])))
    return texts
  }
}

async function askForTexts(
  client: pg.Client,
  some: readonly WantedValue[],
): Promise<readonly (string | null)[]> {
  const casts = some.map(({ column, value }, index) => {
    const cast = `$${index + 1}::${column.castType}`
    return value === null ? `${cast}::text` : `format('%s', ${cast})`
  })
  const { rows } = await client.query<{ texts: (string | null)[] }>(
    `SELECT ARRAY[${casts.join(', ')}]::text[] AS texts`,
    some.map(({ value }) => serverText(value)),
  )
  return rows[0]?.texts ?? []
}

function storedAs({ column, value }: WantedValue, text: string | null): StoredValue {
  const after = text === null ? null : editValueOf(column, text)
  return { after, converted: serverText(after) !== serverText(value) }
}

function editValueOf({ typeId }: ServerColumn, text: string): EditValue {
  const value = valueParser(typeId)(text)
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'bigint') return { integer: String(value) }
  if (typeof value !== 'number') return { blob: Buffer.from(value).toString('hex') }
  if (Number.isNaN(value)) return { real: 'NaN' }
  if (Number.isFinite(value)) return { real: value }
  return { real: value > 0 ? 'Infinity' : '-Infinity' }
}

function refused({ at, name, column, value }: WantedValue, error: ServerError): Error {
  return misfit(
    at,
    `In ${name}, ${column.name} is ${column.declaredType} and does not take ${shown(value)}: ${error.message}. Give another value.`,
  )
}
