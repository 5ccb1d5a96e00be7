import type { SearchQuery } from './output-search.ts'

/** Characters that mean something in a regular expression. */
const SPECIAL = /[\\^$.*+?()[\]{}|/]/gu
/** What only the Unicode mode of regular expressions understands. */
const NEEDS_UNICODE_MODE = /\\[pPu]\{|[\u{10000}-\u{10ffff}]/u

/**
 * What finds the matches of a query, one after the other, in text of one or more lines.
 * @throws SyntaxError when the query is a regular expression that cannot be read.
 */
export function searchPattern({ text, regex, matchCase }: SearchQuery): RegExp {
  const source = regex ? text : text.replace(SPECIAL, '\\$&')
  const unicode = NEEDS_UNICODE_MODE.test(text) ? 'u' : ''
  return new RegExp(source, `gm${matchCase ? '' : 'i'}${unicode}`)
}
