/** Characters that move, hide or turn others round: controls, directions, and those without a width. */
const MISLEADING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu

/** What others have written, as one line to be shown where nobody draws it: nothing in it misleads, and it is cut. */
export function harmlessText(text: string, most: number): string {
  // A cut at four times as much leaves enough after the rest is taken out, and a megabyte is not looked through.
  const line = text
    .slice(0, 4 * most)
    .replace(MISLEADING, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
  if (line.length <= most) return line
  return `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`
}
