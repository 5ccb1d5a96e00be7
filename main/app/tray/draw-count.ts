/** A picture as the system takes it: four bytes a pixel, row by row; blue, green, red, opacity. */
export interface Bitmap {
  readonly width: number
  readonly height: number
  readonly pixels: Buffer
}

/** Digits, and the sign of more, three columns by five rows. */
const GLYPHS: Readonly<Record<string, readonly string[]>> = {
  '0': ['###', '#.#', '#.#', '#.#', '###'],
  '1': ['.#.', '##.', '.#.', '.#.', '###'],
  '2': ['###', '..#', '###', '#..', '###'],
  '3': ['###', '..#', '###', '..#', '###'],
  '4': ['#.#', '#.#', '###', '..#', '..#'],
  '5': ['###', '#..', '###', '..#', '###'],
  '6': ['###', '#..', '###', '#.#', '###'],
  '7': ['###', '..#', '..#', '.#.', '.#.'],
  '8': ['###', '#.#', '###', '#.#', '###'],
  '9': ['###', '#.#', '###', '..#', '###'],
  '+': ['...', '.#.', '###', '.#.', '...'],
}
const GLYPH_WIDTH = 3
const GLYPH_HEIGHT = 5
/** More than two signs cannot be told apart in a tray. */
const MOST_SHOWN = 99
const MORE = '9+'
/** Offloop's blue behind white: told apart on light trays and dark ones. As blue, green, red, opacity. */
const GROUND = [0xd6, 0x5b, 0x25, 0xff] as const
const INK = [0xff, 0xff, 0xff, 0xff] as const

/** The picture with a count in its lower right corner; the picture itself for none. */
export function drawCount(bitmap: Bitmap, count: number): Bitmap {
  if (count <= 0) return bitmap
  const { width, height } = bitmap
  const pixels = Buffer.from(bitmap.pixels)
  const text = count > MOST_SHOWN ? MORE : String(count)
  // Half the height of the picture, with a margin of one unit around the signs.
  const unit = Math.max(1, Math.floor(height / 2 / (GLYPH_HEIGHT + 2)))
  const wide = (text.length * (GLYPH_WIDTH + 1) + 1) * unit
  const high = (GLYPH_HEIGHT + 2) * unit
  const left = width - wide
  const top = height - high

  function fill(x: number, y: number, w: number, h: number, colour: readonly number[]): void {
    for (let row = Math.max(0, y); row < Math.min(height, y + h); row += 1)
      for (let column = Math.max(0, x); column < Math.min(width, x + w); column += 1)
        pixels.set(colour, (row * width + column) * colour.length)
  }

  fill(left, top, wide, high, GROUND)
  for (const [at, sign] of Array.from(text).entries()) {
    const glyphLeft = left + unit + at * (GLYPH_WIDTH + 1) * unit
    for (const [row, line] of (GLYPHS[sign] ?? []).entries())
      for (const [column, dot] of Array.from(line).entries())
        if (dot === '#') fill(glyphLeft + column * unit, top + (row + 1) * unit, unit, unit, INK)
  }
  return { width, height, pixels }
}
