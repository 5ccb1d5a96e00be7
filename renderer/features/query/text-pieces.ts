/**
 * Characters of one piece. Laying out one long text costs the square of its length when its lines are broken: 50,000
 * characters of English and Chinese in one element stopped the page for seconds.
 */
const PIECE_CHARACTERS = 1_000

/** A text in pieces that are each laid out by themselves: its lines, and long lines cut without splitting a character. */
export function textPieces(text: string): readonly string[] {
  return text.split('\n').flatMap(linePieces)
}

function linePieces(line: string): readonly string[] {
  const pieces: string[] = []
  let start = 0
  while (line.length - start > PIECE_CHARACTERS) {
    const end =
      start + PIECE_CHARACTERS - (isHighSurrogate(line.charCodeAt(start + PIECE_CHARACTERS - 1)) ? 1 : 0)
    pieces.push(line.slice(start, end))
    start = end
  }
  pieces.push(line.slice(start))
  return pieces
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}
