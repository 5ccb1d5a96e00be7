/** Which values a statement asks for. Pure, for the window, the command line and the query host alike. */

/** A parameter of a statement, numbered as SQLite numbers it. */
export interface Parameter {
  /** From 1. */
  readonly index: number
  /** Without its prefix; null for `?` and `?3`, which are given by position. */
  readonly name: string | null
  /** As it stands in the text: `?`, `?3`, `:name`, `@name` or `$name`. */
  readonly text: string
}

/** A token of SQLite's lexer: comments, white space, strings and quoted names are passed over; a parameter is group 1. */
const TOKEN =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|[\s\uFEFF]+|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|(\?\d*|[:@$][\p{L}\p{N}_$\u0080-\uFFFF]+)|[\p{L}\p{N}_\u0080-\uFFFF][\p{L}\p{N}_$\u0080-\uFFFF]*|[^]/gu

/**
 * Finds the parameters of one statement.
 *
 * `?` takes the number after the largest so far, `?3` the number 3, a name the next number where it stands first:
 * https://www.sqlite.org/lang_expr.html#varparam
 * @returns each parameter once, in the order of their numbers. Numbers that no parameter has are left out.
 */
export function findParameters(sql: string): Parameter[] {
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
