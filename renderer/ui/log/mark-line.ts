import type { MarkedPlace } from './log-source.ts'

/** As many as can be told apart in one line. */
const MOST_PLACES = 500

/** What is marked in a drawn line. */
export interface LineMarks {
  readonly found: readonly Range[]
  readonly lookedAt: readonly Range[]
}

/** Marks of all logs, drawn by the browser over the text without a change to the document. */
const found = new Highlight()
const lookedAt = new Highlight()
lookedAt.priority = 1
CSS.highlights.set('log-found', found)
CSS.highlights.set('log-looked-at', lookedAt)

/** Marks places of a line. @param element holds the line's text, in spans or directly. */
export function markLine(
  element: HTMLElement,
  placesIn: (text: string) => readonly MarkedPlace[],
): LineMarks | undefined {
  const texts = textsOf(element)
  const places = placesIn(texts.map(({ data }) => data).join('')).slice(0, MOST_PLACES)
  if (places.length === 0) return undefined
  const marks = { found: new Array<Range>(), lookedAt: new Array<Range>() }
  for (const { start, length, current } of places) {
    const range = rangeOf(texts, start, start + length)
    if (range) marks[current ? 'lookedAt' : 'found'].push(range)
  }
  for (const range of marks.found) found.add(range)
  for (const range of marks.lookedAt) lookedAt.add(range)
  return marks
}

/** Takes marks away again. */
export function unmarkLine(marks: LineMarks | undefined): void {
  for (const range of marks?.found ?? []) found.delete(range)
  for (const range of marks?.lookedAt ?? []) lookedAt.delete(range)
}

/** The line's own text, without the note after a line that was cut. */
function textsOf(element: HTMLElement): Text[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
  const texts: Text[] = []
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node instanceof Text && !node.parentElement?.classList.contains('log-cut')) texts.push(node)
  return texts
}

function rangeOf(texts: readonly Text[], start: number, end: number): Range | undefined {
  const range = document.createRange()
  let at = 0
  let begun = false
  for (const text of texts) {
    const next = at + text.length
    if (!begun && start < next) {
      range.setStart(text, start - at)
      begun = true
    }
    if (begun && end <= next) {
      range.setEnd(text, end - at)
      return range
    }
    at = next
  }
  return undefined
}
