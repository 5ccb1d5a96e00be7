import type { Value } from './convert-value.ts'
import type { Field } from './parse-csv.ts'

/** Strings and numbers of a JSON text, so that numbers can be told from digits within strings. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
/** Before a number that stands in a string for a while; nothing else in JSON begins so, for strings escape it. */
const NUMBER_MARK = '\u0000number:'

/** A key's value: a field to convert, or a value already. */
export type JsonValue = Field | { readonly value: Value }

/**
 * Reads one line of JSON lines. Numbers keep the digits that they are written with.
 * @throws SyntaxError for what is not JSON, or not an object.
 */
export function parseJsonRow(line: string): Map<string, JsonValue> {
  const parsed: unknown = JSON.parse(line)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new SyntaxError('it is not an object')
  }
  const exact = JSON.parse(
    line.replace(TOKENS, (token) => (token.startsWith('"') ? token : JSON.stringify(NUMBER_MARK + token))),
  ) as Record<string, unknown>
  return new Map(Object.entries(parsed).map(([key, value]) => [key, valueOf(value, exact[key])]))
}

function valueOf(value: unknown, exact: unknown): JsonValue {
  if (value === null) return { value: null }
  if (typeof value === 'string') return { text: value, quoted: true }
  if (typeof value === 'number') return { text: numberText(exact), quoted: false }
  if (typeof value === 'boolean') return { text: value ? '1' : '0', quoted: false }
  const blob = blobIn(value)
  return blob ? { value: blob } : { text: JSON.stringify(value), quoted: true }
}

/** What overflows a double is written so by Offloop and the sqlite3 shell. */
function numberText(exact: unknown): string {
  const text = typeof exact === 'string' ? exact.slice(NUMBER_MARK.length) : ''
  const number = Number(text)
  if (number === Infinity) return 'Inf'
  return number === -Infinity ? '-Inf' : text
}

/** Bytes as Offloop writes them: `{"blob":"<hexadecimal>"}`. */
function blobIn(value: unknown): Buffer | undefined {
  if (typeof value !== 'object' || value === null || !('blob' in value)) return undefined
  const { blob } = value
  const isBlob = typeof blob === 'string' && Object.keys(value).length === 1
  return isBlob && /^(?:[0-9a-fA-F]{2})*$/.test(blob) ? Buffer.from(blob, 'hex') : undefined
}
