/** Which values a statement asks for. Pure, for the window, the command line and the query host alike. */
import type { Parameter } from './parameter.ts'
import { numberParameters } from './server-parameters.ts'
import type { Dialect } from './tokens.ts'

export type { Parameter } from './parameter.ts'

/** A token of SQLite's lexer: comments, white space, strings and quoted names are passed over; a parameter is group 1. */
const TOKEN =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|[\s\uFEFF]+|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|(\?\d*|[:@$][\p{L}\p{N}_$\u0080-\uFFFF]+)|[\p{L}\p{N}_\u0080-\uFFFF][\p{L}\p{N}_$\u0080-\uFFFF]*|[^]/gu

/**
 * Finds the parameters of one statement.
 *
 * For SQLite, `?` takes the number after the largest so far, `?3` the number 3, a name the next number where it stands first:
 * https://www.sqlite.org/lang_expr.html#varparam. For PostgreSQL see `numberParameters`.
 * @returns each parameter once, in the order of their numbers. Numbers that no parameter has are left out.
 */
export function findParameters(sql: string, dialect: Dialect = 'sqlite'): Parameter[] {
  if (dialect === 'postgres') return [...numberParameters(sql).parameters]
  const byIndex = new Map<number, Parameter>()
  const indexOfText = new Map<string, number>()
  let largest = 0
  for (const [, text] of sql.matchAll(TOKEN)) {
    if (text === undefined) continue
    const isNumbered = text.startsWith('?') && text.length > 1
    const index =
      text === '?' ? largest + 1 : isNumbered ? Number(text.slice(1)) : (indexOfText.get(text) ?? largest + 1)
    largest = Math.max(largest, index)
    // A name that a number has already stays its name; one that was `?` gets the name `?3`.
    const known = byIndex.get(index)
    if (known !== undefined && known.text !== '?') continue
    byIndex.set(index, { index, name: text.startsWith('?') ? null : text.slice(1), text })
    if (text !== '?') indexOfText.set(text, index)
  }
  return [...byIndex.values()].sort((a, b) => a.index - b.index)
}
