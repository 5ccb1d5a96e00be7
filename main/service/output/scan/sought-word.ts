import type { SearchQuery } from '#contract/output-search.ts'
import { searchPattern } from '#contract/search-pattern.ts'
import { MAX_WORD_BYTES } from './kernel.ts'
import type { Word } from './scanner.ts'

/** By this bit alone the capital and the small letters of ASCII differ. */
const CASE_BIT = 0x20

/** What bytes that are no UTF-8 become as text. */
const REPLACEMENT = '\ufffd'

/** The word whose bytes are wherever a query has a match, and nowhere else; undefined when that is not so simple. */
export function soughtWord(query: SearchQuery): Word | undefined {
  const { text, regex, matchCase } = query
  const bytes = Buffer.from(text)
  // A match has no line end in it, and half a character of UTF-16 has no bytes.
  const isPlain = !regex && !text.includes('\n') && !text.includes(REPLACEMENT) && bytes.toString() === text
  if (!isPlain || bytes.length > MAX_WORD_BYTES) return undefined
  const fold = new Uint8Array(bytes.length)
  if (matchCase) return { bytes, fold }
  // Beyond ASCII a letter has other bytes, and more of them, when its case is another.
  if (bytes.length !== text.length || searchPattern(query).unicode) return undefined
  bytes.forEach((byte, at) => {
    if (isLetter(byte)) fold[at] = CASE_BIT
  })
  return { bytes: bytes.map((byte, at) => byte | (fold[at] ?? 0)), fold }
}

function isLetter(byte: number): boolean {
  const small = byte | CASE_BIT
  return small >= 0x61 && small <= 0x7a
}
