import { isUtf8 } from 'node:buffer'
import { realText } from '#contract/chunk/cell-text.ts'
import type { CellFormat } from './cell-reader.ts'

/** JSON has no infinity; what overflows a double is read as one by every reader, as the sqlite3 shell writes it. */
const INFINITE = '9.0e+999'

/** NaN, which only servers have, stands as text: JSON has no number for it. */
function jsonReal(value: number): string {
  if (Number.isFinite(value)) return realText(value)
  if (Number.isNaN(value)) return '"NaN"'
  return value > 0 ? INFINITE : `-${INFINITE}`
}

/**
 * Values as JSON: integers beyond 2^53 as strings, because most readers would round them; reals always with a point or
 * an exponent, so that 1 and 1.0 stay apart; blobs as `{"blob":"<hex>"}`, and so the bytes of a text that is not UTF-8, which
 * no string of JSON can hold: `{"text":"<hex>"}`.
 */
export const jsonCells: CellFormat = {
  null: 'null',
  integer: (value) => (Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`),
  real: jsonReal,
  text(heap, start, end) {
    const bytes = heap.subarray(start, end)
    return isUtf8(bytes) ? JSON.stringify(bytes.toString('utf8')) : `{"text":"${bytes.toString('hex')}"}`
  },
  blob: (bytes) => `{"blob":"${bytes.toString('hex')}"}`,
}

/**
 * Names of columns as keys of an object: of several that are alike the later ones get a number, as SQLite does in a
 * subquery, so that none is lost.
 */
export function jsonKeys(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let key = name
    for (let count = 1; taken.has(key); count += 1) key = `${name}:${count}`
    taken.add(key)
    return JSON.stringify(key)
  })
}

/** One row as a JSON object. */
export function jsonObject(keys: readonly string[], cells: readonly string[]): string {
  let text = '{'
  for (let index = 0; index < keys.length; index += 1) {
    text += `${index === 0 ? '' : ','}${keys[index] ?? ''}:${cells[index] ?? 'null'}`
  }
  return `${text}}`
}
