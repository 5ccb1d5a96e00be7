import Database from 'better-sqlite3'
import {
  array,
  assert,
  asyncProperty,
  bigInt,
  boolean,
  constantFrom,
  constant,
  double,
  integer,
  oneof,
  record,
  string,
  uint8Array,
  type Arbitrary,
} from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Edit, EditValue, EditValues } from '#contract/edits.ts'
import { failureOf, openTestHost, type TestHost } from '../host-fixture.ts'
import { literal } from './fragment.ts'

/** Each opens a database of its own: about 20 ms. */
const RUNS = 60
const COLUMNS = ['a', 'b', 'c'] as const
const TYPES = ['INTEGER', 'REAL', 'TEXT COLLATE NOCASE', 'BLOB', 'NUMERIC', '']

let host: TestHost
beforeEach(async () => {
  host = await openTestHost()
})
afterEach(() => host.close())

const hex = uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('hex'))
const value: Arbitrary<EditValue> = oneof(
  constant(null),
  integer({ min: -2, max: 2 }),
  constantFrom<EditValue>(
    '1',
    '1.0',
    ' 1',
    '1e3',
    'a',
    'A',
    '',
    'a\0b',
    "o'o",
    { real: -0 },
    { real: 1 },
    { real: 'Infinity' },
  ),
  string({ unit: 'grapheme', maxLength: 6 }),
  bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((whole) => ({ integer: String(whole) })),
  double({ noNaN: true, noDefaultInfinity: true }).map((real) => ({ real })),
  hex.map((blob) => ({ blob })),
  hex.map((text) => ({ text })),
)
const row = record({ a: value, b: value, c: value })
const wanted = record({
  what: constantFrom('update', 'update', 'delete', 'insert', 'nothing'),
  columns: array(constantFrom(...COLUMNS), { minLength: 1, maxLength: 3 }),
  row,
})
const disturbance = record({
  on: integer({ min: 0, max: 5 }),
  column: constantFrom(...COLUMNS),
  value,
  deletes: boolean(),
})

type Stored = Record<string, { type: string; bytes: string }>

/** What is stored, bit for bit; `value` as an asker would have read it. */
function readAll(database: Database.Database): Map<bigint, { stored: Stored; read: EditValues }> {
  const cells = COLUMNS.map(
    (c) => `typeof(${c}) AS ${c}_type, ${c} AS ${c}, CAST(${c} AS BLOB) AS ${c}_bytes`,
  )
  const rows = database
    .prepare<[], Record<string, unknown>>(`SELECT rowid AS id, ${cells.join(', ')} FROM t ORDER BY rowid`)
    .safeIntegers()
    .all()
  return new Map(
    rows.map((found) => {
      const stored: Stored = {}
      const read: EditValues = {}
      for (const column of COLUMNS) {
        const type = String(found[`${column}_type`])
        const bytes = found[`${column}_bytes`]
        const shown = bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : ''
        stored[column] = { type, bytes: type === 'real' ? bitsOf(Number(found[column])) : shown }
        read[column] = valueAsRead(type, found[column], shown)
      }
      return [BigInt(String(found.id)), { stored, read }]
    }),
  )
}

function bitsOf(real: number): string {
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(real)
  return bits.toString('hex')
}

function valueAsRead(type: string, found: unknown, bytes: string): EditValue {
  switch (type) {
    case 'null':
      return null
    case 'integer':
      return { integer: String(found) }
    case 'real': {
      const real = Number(found)
      return { real: Number.isFinite(real) ? real : real > 0 ? 'Infinity' : '-Infinity' }
    }
    case 'text':
      return { text: bytes }
    default:
      return { blob: bytes }
  }
}

it('applies all edits exactly, or nothing when a row that they touch has changed; other values keep their bits', async () => {
  let applied = 0
  let refused = 0
  await assert(
    asyncProperty(
      array(constantFrom(...TYPES), { minLength: 3, maxLength: 3 }),
      array(row, { minLength: 1, maxLength: 5 }),
      array(wanted, { minLength: 1, maxLength: 6 }),
      array(disturbance, { maxLength: 2 }),
      async (types, rows, wishes, disturbances) => {
        const name = `${applied + refused}-${process.hrtime.bigint()}.db`
        const path = host.make(
          name,
          `CREATE TABLE t (${COLUMNS.map((column, at) => `${column} ${types[at] ?? ''}`).join(', ')})`,
        )
        const other = new Database(path)
        try {
          for (const { a, b, c } of rows) {
            other.exec(`INSERT INTO t VALUES (${[a, b, c].map(literal).join(', ')})`)
          }
          const before = readAll(other)
          const edits: Edit[] = []
          const expected = new Map<bigint, Edit>()
          for (const [at, wish] of wishes.entries()) {
            const changes = Object.fromEntries(wish.columns.map((column) => [column, wish.row[column]]))
            const id = BigInt(at + 1)
            const known = before.get(id)
            if (wish.what === 'insert') edits.push({ kind: 'insert', values: changes })
            if (!known || wish.what === 'insert' || wish.what === 'nothing') continue
            const found = { key: { rowid: { integer: String(id) } }, original: known.read }
            const edit: Edit =
              wish.what === 'delete' ? { kind: 'delete', ...found } : { kind: 'update', ...found, changes }
            edits.push(edit)
            expected.set(id, edit)
          }
          if (edits.length === 0) return
          for (const { on, column, value: given, deletes } of disturbances) {
            other.exec(
              deletes
                ? `DELETE FROM t WHERE rowid = ${on}`
                : `UPDATE t SET ${column} = ${literal(given)} WHERE rowid = ${on}`,
            )
          }
          const disturbed = readAll(other)
          const changed = [...expected.keys()].filter(
            (id) => JSON.stringify(disturbed.get(id)?.stored) !== JSON.stringify(before.get(id)?.stored),
          )
          await host.client.call('open', { path, mode: 'read-write' })
          const { diff } = await host.client.call('edits.plan', { table: 't', edits })
          const making = host.client.call('edits.make', { table: 't', edits })
          if (changed.length > 0) {
            const failure = await failureOf(making)
            expect(failure.code).toBe('conflict')
            const named = failure.details?.edits?.map(({ edit }) => edit) ?? []
            expect(named).toEqual(
              edits.flatMap((edit, at) => (changed.some((id) => expected.get(id) === edit) ? [at] : [])),
            )
            expect(readAll(other)).toEqual(disturbed)
            refused += 1
            return
          }
          const { changes, lastInsertRowids } = await making
          await host.client.call('edits.commit', {})
          expect(changes).toBe(edits.length)
          const after = readAll(other)
          for (const [id, was] of disturbed) {
            const edit = expected.get(id)
            if (edit?.kind === 'delete') {
              // Its rowid may have been given to a new row since.
              if (!lastInsertRowids.includes(String(id))) expect(after.has(id)).toBe(false)
              continue
            }
            for (const column of COLUMNS) {
              if (edit?.kind === 'update' && column in edit.changes) continue
              expect(after.get(id)?.stored[column]).toEqual(was.stored[column])
            }
          }
          const inserted = [...lastInsertRowids]
          for (const [at, edit] of edits.entries()) {
            if (edit.kind === 'delete') continue
            const [id] =
              edit.kind === 'insert'
                ? [BigInt(inserted.shift() ?? 0)]
                : ([...expected].find(([, one]) => one === edit) ?? [])
            for (const { column, after: promised } of diff[at]?.cells ?? []) {
              expect(asBytes(after.get(id ?? 0n)?.read[column])).toEqual(asBytes(promised))
            }
          }
          applied += 1
        } finally {
          other.close()
        }
      },
    ),
    { numRuns: RUNS },
  )
  // The property says something about both ways only if both were gone.
  expect(Math.min(applied, refused)).toBeGreaterThan(RUNS / 20)
}, 60_000)

/** A text as its bytes, however it is given. */
function asBytes(given: EditValue | undefined): unknown {
  if (typeof given === 'string') return { text: Buffer.from(given).toString('hex') }
  return given
}
