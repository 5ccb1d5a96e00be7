import { realText } from '#contract/chunk/cell-text.ts'
import type { ImportType } from '#contract/transfer.ts'
import { BLOB_PREFIX } from '#kit/formats/export-format.ts'
import type { Field } from './parse-csv.ts'

/** What a statement is given for a field: bigint for INTEGER, number for REAL. */
export type Value = null | bigint | number | string | Buffer

/** A value as it is kept, or why it cannot be. */
export type Converted =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly why: string }

/** Without a leading zero or plus, which a number does not keep. */
const INTEGER = /^(?:0|-?[1-9]\d*)$/
const REAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
const DIGITS = /^-?\d+$/
const MAX_INTEGER = 2n ** 63n - 1n
const MIN_INTEGER = -(2n ** 63n)
/** The digits of a whole number that a double always keeps. */
export const SAFE_DIGITS = 15
/** The most digits that the shortest text of a double has. */
const MAX_REAL_DIGITS = 17
/** More of a value in a message is not read. */
const SHOWN_CHARACTERS = 40

/** Makes the value that a column takes; nothing of what is written in the file is lost, or it is refused. */
export function convert(field: Field, type: ImportType): Converted {
  const { text } = field
  switch (type) {
    case 'text':
      return taken(text)
    case 'any':
      return taken(field.quoted ? text : asWritten(text))
    case 'integer': {
      const value = integerOf(text)
      return value === undefined
        ? refused(text, 'is not a whole number of 64 bits, or would lose a zero or sign at its start')
        : taken(value)
    }
    case 'real': {
      const value = realOf(text)
      return value === undefined
        ? refused(text, 'is not a number, or would lose digits as one')
        : taken(value)
    }
    case 'blob': {
      const value = blobOf(text)
      return value === undefined
        ? refused(text, `is not ${BLOB_PREFIX} with hexadecimal digits`)
        : taken(value)
    }
    default:
      return type satisfies never
  }
}

/** The value that is written in just this way, or the text. */
function asWritten(text: string): Value {
  const integer = integerOf(text)
  if (integer !== undefined) return integer
  if (text === 'Inf') return Infinity
  if (text === '-Inf') return -Infinity
  const real = Number(text)
  if (Number.isFinite(real) && realText(real) === text) return real
  return blobOf(text) ?? text
}

export function integerOf(text: string): bigint | undefined {
  if (!INTEGER.test(text)) return undefined
  const value = BigInt(text)
  return value >= MIN_INTEGER && value <= MAX_INTEGER ? value : undefined
}

function realOf(text: string): number | undefined {
  if (text === 'Inf') return Infinity
  if (text === '-Inf') return -Infinity
  if (!REAL.test(text)) return undefined
  const value = Number(text)
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '').length
  if (digits > (DIGITS.test(text) ? SAFE_DIGITS : MAX_REAL_DIGITS)) return undefined
  return value
}

export function blobOf(text: string): Buffer | undefined {
  if (!text.startsWith(BLOB_PREFIX)) return undefined
  const digits = text.slice(BLOB_PREFIX.length)
  return /^(?:[0-9a-fA-F]{2})*$/.test(digits) ? Buffer.from(digits, 'hex') : undefined
}

function taken(value: Value): Converted {
  return { ok: true, value }
}

function refused(text: string, why: string): Converted {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text
  return { ok: false, why: `"${shown}" ${why}. Import the column as text to keep it as it is` }
}
