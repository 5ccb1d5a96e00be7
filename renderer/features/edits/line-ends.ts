/** A field for text knows line feeds only. These keep the line ends of what a person has not changed. */

/** A text as a field gives it back. */
export function asInField(text: string): string {
  return text.replace(/\r\n?/gu, '\n')
}

/**
 * A text that was edited in a field, with the line ends of the original wherever it is unchanged: before the first and
 * after the last difference. What is new between them has the line ends that the original begins with.
 */
export function withLineEnds(original: string, edited: string): string {
  if (!original.includes('\r')) return edited
  const pieces = original.match(/\r\n|[^]/gu) ?? []
  const shown = pieces.map((piece) => (piece.startsWith('\r') ? '\n' : piece))
  const after = [...(edited.match(/[^]/gu) ?? [])]
  let start = 0
  while (start < shown.length && start < after.length && shown[start] === after[start]) start += 1
  let end = 0
  const room = Math.min(shown.length, after.length) - start
  while (end < room && shown[shown.length - 1 - end] === after[after.length - 1 - end]) end += 1
  const usual = /\r\n|\r|\n/u.exec(original)?.[0] ?? '\n'
  const middle = after.slice(start, after.length - end).map((piece) => (piece === '\n' ? usual : piece))
  const joined = [...pieces.slice(0, start), ...middle, ...pieces.slice(pieces.length - end)]
  // A carriage return before a line feed that it had not been before would make one line end of the two.
  return joined.map((piece, at) => (piece === '\r' && joined[at + 1] === '\n' ? '\r\n' : piece)).join('')
}
