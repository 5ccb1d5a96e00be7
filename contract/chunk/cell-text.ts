import type { Cell } from './read.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const HEX_DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'))

/** How many bytes a cell's value has as text or blob; 0 for the other kinds. */
export function cellBytes(cell: Cell): number {
  return cell.kind === 'text' || cell.kind === 'blob' ? cell.bytes.length : 0
}

/**
 * A cell as text: '' for NULL, reals so that they read as reals (`1.0`), blobs in hexadecimal, bytes that are not UTF-8
 * replaced.
 * @param maxBytes how much of a text or blob is looked at; a text is never cut within a character.
 */
export function cellText(cell: Cell, maxBytes = Infinity): string {
  switch (cell.kind) {
    case 'null':
      return ''
    case 'integer':
      return cell.value.toString()
    case 'real':
      return realText(cell.value)
    case 'text':
      return decoder.decode(cell.bytes.length <= maxBytes ? cell.bytes : cutText(cell.bytes, maxBytes))
    case 'blob': {
      let text = ''
      for (const byte of cell.bytes.subarray(0, Math.min(maxBytes, cell.bytes.length)))
        text += HEX_DIGITS[byte] ?? ''
      return text
    }
    default:
      return cell satisfies never
  }
}

/** The beginning of UTF-8 bytes, at most `maxBytes` of them, without a character that the cut went through. */
export function cutText(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes
  let end = maxBytes
  // A character has at most three continuation bytes; more of them in a row are not UTF-8 and are cut anywhere.
  for (let back = 0; back < 3 && end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80; back += 1) end -= 1
  return bytes.subarray(0, ((bytes[end] ?? 0) & 0xc0) === 0x80 ? maxBytes : end)
}

/** The shortest text that reads back as the same real, in the way SQLite writes it: `1.0`, `1.0e+21`, `Inf`. */
export function realText(value: number): string {
  // SQLite has no NaN; servers do.
  if (Number.isNaN(value)) return 'NaN'
  if (value === Infinity) return 'Inf'
  if (value === -Infinity) return '-Inf'
  if (Object.is(value, -0)) return '-0.0'
  const text = value.toString()
  if (text.includes('.')) return text
  const exponent = text.indexOf('e')
  return exponent === -1 ? `${text}.0` : `${text.slice(0, exponent)}.0${text.slice(exponent)}`
}
