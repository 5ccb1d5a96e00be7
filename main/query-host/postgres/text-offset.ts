/**
 * An offset in UTF-16 code units for a position in characters from 1, as the server counts them.
 * https://www.postgresql.org/docs/current/protocol-error-fields.html
 * @returns the end of the text for a position behind it.
 */
export function textOffset(text: string, position: number): number {
  let offset = 0
  for (let characters = 1; characters < position && offset < text.length; characters += 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
  }
  return offset
}
