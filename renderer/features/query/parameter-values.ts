import { z } from 'zod'
import type { Parameter } from '#contract/sql/find-parameters.ts'
import type { SqlValue } from '#contract/sql-value.ts'
import { parameterKey } from './find-statements.ts'

/** Where the page keeps the values that were given last. */
const KEPT_UNDER = 'offloop.parameters'
/** More names than a person has in use; the one used longest ago is forgotten. */
const MAX_KEPT = 200
/** A longer value is not kept: the page has about 5 MB for everything. */
const MAX_KEPT_LENGTH = 10_000

/** What kind of value is given, and how it was typed. */
export const typedValue = z.object({ kind: z.enum(['text', 'number', 'null', 'blob']), text: z.string() })
export type TypedValue = z.infer<typeof typedValue>

/** The part of localStorage that is used here. */
interface Storage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
}

const kept = z.array(z.tuple([z.string(), typedValue]))

/** The values that were given last, by the key of their parameter. */
export function readKeptValues(storage: Storage): Map<string, TypedValue> {
  const text = storage.getItem(KEPT_UNDER)
  if (text === null) return new Map()
  try {
    return new Map(kept.parse(JSON.parse(text)))
  } catch {
    // Of another version, or damaged: the person gives them again.
    return new Map()
  }
}

/** Keeps values for the next time, those of other parameters too. */
export function keepValues(storage: Storage, values: ReadonlyMap<string, TypedValue>): void {
  const all = readKeptValues(storage)
  for (const [key, value] of values) {
    all.delete(key)
    if (value.text.length <= MAX_KEPT_LENGTH) all.set(key, value)
  }
  try {
    storage.setItem(KEPT_UNDER, JSON.stringify([...all].slice(-MAX_KEPT)))
  } catch {
    // No room: they are in the form for as long as the tab lives.
  }
}

/** What is wrong with a typed value. */
export type ValueTrouble = 'not-a-number' | 'too-large' | 'not-hex'

const INTEGER = /^[+-]?\d+$/
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const MIN_INTEGER = -(2n ** 63n)
const MAX_INTEGER = 2n ** 63n - 1n

/** The exact value that was typed: `7` is an integer and `7.0` a real, integers keep all of their 64 bits. */
export function valueOf({ kind, text }: TypedValue): { value: SqlValue } | { trouble: ValueTrouble } {
  switch (kind) {
    case 'null':
      return { value: null }
    case 'text':
      return { value: text }
    case 'number': {
      const typed = text.trim()
      if (INTEGER.test(typed)) {
        const integer = BigInt(typed.replace(/^\+/, ''))
        if (integer < MIN_INTEGER || integer > MAX_INTEGER) return { trouble: 'too-large' }
        return { value: { integer: String(integer) } }
      }
      const real = Number(typed)
      return REAL.test(typed) && Number.isFinite(real) ? { value: { real } } : { trouble: 'not-a-number' }
    }
    case 'blob': {
      const hex = text.replace(/^\s*(?:0x|\\x|x')/i, '').replace(/[\s']/g, '')
      return /^(?:[0-9a-f]{2})*$/i.test(hex) ? { value: { blob: hex } } : { trouble: 'not-hex' }
    }
    default:
      return kind satisfies never
  }
}

/** The values of a statement, in the order of their numbers; undefined when one is missing or wrong. */
export function valuesFor(
  parameters: readonly Parameter[],
  typed: ReadonlyMap<string, TypedValue>,
): SqlValue[] | undefined {
  const values: SqlValue[] = Array.from({ length: parameters.at(-1)?.index ?? 0 }, () => null)
  for (const parameter of parameters) {
    const given = typed.get(parameterKey(parameter))
    const read = given && valueOf(given)
    if (!read || 'trouble' in read) return undefined
    values[parameter.index - 1] = read.value
  }
  return values
}
