import { cellText, realText } from '#contract/chunk/cell-text.ts'
import type { Cell } from '#contract/chunk/read.ts'
import type { EditValue } from '#contract/edits.ts'
import type { GridCell } from '../../ui/grid/grid-source.ts'

/** How a person writes a value. */
export const valueForms = ['text', 'number', 'blob', 'null'] as const
export type ValueForm = (typeof valueForms)[number]

/** A value as it is written in a field. */
export interface WrittenValue {
  readonly form: ValueForm
  readonly text: string
}

/** Bytes of a blob that a cell shows. */
const DRAWN_BLOB_BYTES = 8
const MIN_INTEGER = -(2n ** 63n)
const MAX_INTEGER = 2n ** 63n - 1n

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A value exactly as it was read: what is given back as the original must be the same bits. */
export function valueOf(cell: Cell): EditValue {
  switch (cell.kind) {
    case 'null':
      return null
    case 'integer':
      return { integer: cell.value.toString() }
    case 'real':
      return realValue(cell.value)
    case 'text':
      try {
        return strictDecoder.decode(cell.bytes)
      } catch {
        return { text: cellText({ kind: 'blob', bytes: cell.bytes }) }
      }
    case 'blob':
      return { blob: cellText(cell) }
    default:
      return cell satisfies never
  }
}

function realValue(value: number): EditValue {
  if (value === Infinity) return { real: 'Infinity' }
  if (value === -Infinity) return { real: '-Infinity' }
  if (Number.isNaN(value)) return { real: 'NaN' }
  return { real: value }
}

/** A value as the grid draws it. */
export function drawnValue(value: EditValue): GridCell {
  if (value === null) return { kind: 'null' }
  if (typeof value === 'string') return { kind: 'text', text: value, cut: false }
  if (typeof value === 'number') {
    return Number.isInteger(value)
      ? { kind: 'integer', text: String(value) }
      : { kind: 'real', text: realText(value) }
  }
  if ('integer' in value) return { kind: 'integer', text: value.integer }
  if ('real' in value) return { kind: 'real', text: realText(Number(value.real)) }
  const digits = 'blob' in value ? value.blob : value.text
  const isLong = digits.length > DRAWN_BLOB_BYTES * 2
  return {
    kind: 'blob',
    bytes: digits.length / 2,
    preview: `0x${digits.slice(0, DRAWN_BLOB_BYTES * 2)}${isLong ? '…' : ''}`,
  }
}

/** A value as a person would write it to get it again. */
export function writtenValue(value: EditValue): WrittenValue {
  if (value === null) return { form: 'null', text: '' }
  if (typeof value === 'string') return { form: 'text', text: value }
  if (typeof value === 'object' && 'blob' in value) return { form: 'blob', text: value.blob }
  if (typeof value === 'object' && 'text' in value) return { form: 'blob', text: value.text }
  const drawn = drawnValue(value)
  return { form: 'number', text: 'text' in drawn ? drawn.text : '' }
}

/** What a column's type makes one expect. */
export function expectedForm(declaredType: string, engine: 'sqlite' | 'postgres'): ValueForm {
  const type = declaredType.toUpperCase()
  // A numeric of a server has more digits than a number here: it is written as the server writes it.
  if (engine === 'postgres') {
    if (/^(SMALLINT|INTEGER|BIGINT|OID|REAL|DOUBLE PRECISION)$/.test(type)) return 'number'
    return type === 'BYTEA' ? 'blob' : 'text'
  }
  // SQLite's own rules: https://www.sqlite.org/datatype3.html, 3.1
  if (type.includes('INT')) return 'number'
  if (/CHAR|CLOB|TEXT/.test(type) || type === '') return 'text'
  if (type.includes('BLOB')) return 'blob'
  return /REAL|FLOA|DOUB|NUMERIC|DECIMAL/.test(type) ? 'number' : 'text'
}

/** The value that was written; undefined when it is none of that form. */
export function readWritten({ form, text }: WrittenValue): EditValue | undefined {
  switch (form) {
    case 'null':
      return null
    case 'text':
      return text
    case 'number':
      return readNumber(text.trim())
    case 'blob': {
      const digits = text.replace(/^\s*0x/i, '').replace(/\s+/g, '')
      return /^([0-9a-f]{2})*$/i.test(digits) ? { blob: digits.toUpperCase() } : undefined
    }
    default:
      return form satisfies never
  }
}

function readNumber(text: string): EditValue | undefined {
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''))
    return value >= MIN_INTEGER && value <= MAX_INTEGER ? { integer: value.toString() } : undefined
  }
  if (/^nan$/i.test(text)) return { real: 'NaN' }
  const infinity = /^([+-]?)inf(?:inity)?$/i.exec(text)
  if (infinity) return { real: infinity[1] === '-' ? '-Infinity' : 'Infinity' }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? { real: value } : undefined
}

/** Whether two values are the same bits. */
export function isSameValue(a: EditValue, b: EditValue): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return Object.is(a, b)
  if ('integer' in a) return 'integer' in b && a.integer === b.integer
  if ('real' in a) return 'real' in b && Object.is(a.real, b.real)
  if ('blob' in a) return 'blob' in b && a.blob.toUpperCase() === b.blob.toUpperCase()
  return 'text' in b && a.text.toUpperCase() === b.text.toUpperCase()
}
