import type { ImportPreview } from '#contract/transfer.ts'
import { realText } from '#contract/chunk/cell-text.ts'
import { blobOf, integerOf, SAFE_DIGITS } from './convert-value.ts'
import type { Field } from './parse-csv.ts'

type Guess = Pick<ImportPreview['columns'][number], 'type' | 'reason'>

/** More of a value in a reason is not read. */
const SHOWN_CHARACTERS = 40

/**
 * Guesses the type of a column so that nothing of any value is lost: a number only where every value is written just as
 * the number would be, which none with a leading zero or plus, no date, and no string of many digits is.
 * @param fields of the first rows; undefined for NULL.
 */
export function guessColumn(fields: readonly (Field | undefined)[]): Guess {
  let type: 'integer' | 'real' | 'blob' | undefined
  for (const [index, field] of fields.entries()) {
    if (!field) continue
    const kind = field.quoted ? undefined : kindOf(field.text)
    const both = type === undefined ? kind : wider(type, kind)
    if (both === undefined) {
      const value =
        field.text.length > SHOWN_CHARACTERS ? `${field.text.slice(0, SHOWN_CHARACTERS)}…` : field.text
      return { type: 'text', reason: { kind: 'text-value', value, row: index + 1 } }
    }
    type = both
  }
  switch (type) {
    case 'integer':
      return { type, reason: { kind: 'all-integers' } }
    case 'real':
      return { type, reason: { kind: 'all-numbers' } }
    case 'blob':
      return { type, reason: { kind: 'all-blobs' } }
    case undefined:
      return { type: 'text', reason: { kind: 'no-values' } }
    default:
      return type satisfies never
  }
}

/** Whether a text is one of the numbers that a person would not give a column as its name. */
export function looksLikeNumber(text: string): boolean {
  return Number.isFinite(Number(text))
}

function kindOf(text: string): 'integer' | 'real' | 'blob' | undefined {
  if (integerOf(text) !== undefined)
    return text.replace('-', '').length <= SAFE_DIGITS ? 'integer' : undefined
  const real = Number(text)
  if (text !== '' && Number.isFinite(real) && realText(real) === text) return 'real'
  return text.length > 0 && blobOf(text) ? 'blob' : undefined
}

function wider(
  type: 'integer' | 'real' | 'blob',
  other: 'integer' | 'real' | 'blob' | undefined,
): 'integer' | 'real' | 'blob' | undefined {
  if (type === other) return type
  return type !== 'blob' && other !== 'blob' && other !== undefined ? 'real' : undefined
}
