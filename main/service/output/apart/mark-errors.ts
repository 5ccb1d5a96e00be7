import type { LinesPage } from '../read-lines.ts'
import { errorPlaces, type ErrorPlace } from './error-places.ts'

/** Says of the lines of a page which came on standard error. @param path of the map of where that is */
export async function markErrors(path: string, { lines, spans }: LinesPage): Promise<LinesPage['lines']> {
  const end = spans.findLast((span) => span !== undefined)?.[1] ?? 0
  let places: readonly ErrorPlace[] = []
  let knownUntil = 0
  let next = 0
  const marked: LinesPage['lines'] = []
  for (const [index, line] of lines.entries()) {
    const [from, to] = spans[index] ?? [0, 0]
    // Asked for anew where there were too many to be told at once: of one line, the first ten thousand say enough.
    if (to > knownUntil) {
      const found = await errorPlaces(path, from, end)
      places = found.places
      knownUntil = Math.max(found.until, to)
      next = 0
    }
    while (next < places.length && (places[next]?.to ?? 0) <= from) next += 1
    let inside = 0
    for (let at = next; at < places.length; at++) {
      const place = places[at]
      if (!place || place.from >= to) break
      inside += Math.min(to, place.to) - Math.max(from, place.from)
    }
    marked.push(inside > 0 ? { ...line, errors: inside === to - from ? 'all' : 'some' } : line)
  }
  return marked
}
