import type { Parameter } from './parameter.ts'
import { blankEnd, tokenEnd } from './tokens.ts'

/** Where a statement for PostgreSQL asks for a value. */
interface Place {
  readonly start: number
  readonly end: number
  /** As it stands in the text: `$1` or `:name`. */
  readonly text: string
}

/** A statement as its server reads it, which knows parameters by number only. */
export interface NumberedStatement {
  readonly text: string
  /** Each once, in the order of their numbers. Numbers that no parameter has are left out. */
  readonly parameters: readonly Parameter[]
  /** The place in the text as it was written, for one in the text as it is now; in UTF-16 code units. */
  originalOffset(offset: number): number
}

const NUMBERED = /^\$[1-9]\d*$/
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy
/** What a colon is part of a slice behind, as in `list[low:high]`, and not the beginning of a parameter. */
const ENDS_A_VALUE = /[\p{L}\p{N}_$)\]'"]/u

/**
 * Gives the named parameters of a statement numbers: those after the largest `$1`, in the order of their first use.
 *
 * `:name` counts as one unless the colon stands directly behind a value (`list[low:high]`) or is part of `::` or `:=`.
 * Strings, quoted names, comments and dollar quotes are passed over.
 */
export function numberParameters(sql: string): NumberedStatement {
  const places = placesIn(sql)
  const byIndex = new Map<number, Parameter>()
  for (const { text } of places) {
    if (!text.startsWith('$')) continue
    const index = Number(text.slice(1))
    byIndex.set(index, { index, name: null, text })
  }
  let largest = Math.max(0, ...byIndex.keys())
  const indexOfName = new Map<string, number>()
  const changes: { readonly at: number; readonly moved: number }[] = []
  let text = ''
  let copied = 0
  for (const place of places) {
    if (place.text.startsWith('$')) continue
    const name = place.text.slice(1)
    let index = indexOfName.get(name)
    if (index === undefined) {
      index = largest += 1
      indexOfName.set(name, index)
      byIndex.set(index, { index, name, text: place.text })
    }
    text += `${sql.slice(copied, place.start)}$${index}`
    copied = place.end
    changes.push({ at: text.length, moved: copied - text.length })
  }
  text += sql.slice(copied)
  return {
    text,
    parameters: [...byIndex.values()].sort((a, b) => a.index - b.index),
    originalOffset: (offset) => offset + (changes.findLast(({ at }) => at <= offset)?.moved ?? 0),
  }
}

function placesIn(sql: string): Place[] {
  const places: Place[] = []
  let at = 0
  while (at < sql.length) {
    const blank = blankEnd(sql, at, 'postgres')
    if (blank > at) {
      at = blank
      continue
    }
    const { end } = tokenEnd(sql, at, 'postgres')
    const token = sql.slice(at, end)
    if (NUMBERED.test(token)) places.push({ start: at, end, text: token })
    if (token !== ':') {
      at = end
      continue
    }
    const pair = sql[end] === ':' || sql[end] === '='
    const nameEnd = pair || ENDS_A_VALUE.test(sql[at - 1] ?? '') ? undefined : endOfName(sql, end)
    if (nameEnd !== undefined) places.push({ start: at, end: nameEnd, text: sql.slice(at, nameEnd) })
    at = nameEnd ?? (pair ? end + 1 : end)
  }
  return places
}

function endOfName(sql: string, at: number): number | undefined {
  NAME.lastIndex = at
  return NAME.test(sql) ? NAME.lastIndex : undefined
}
