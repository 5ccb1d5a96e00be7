/** The tokens of SQL, as far as one has to know them to find its statements and parameters. */

export type Dialect = 'sqlite' | 'postgres'

/** White space, and what SQLite and PostgreSQL both take for it. */
const SPACE = /[\s\uFEFF]+/y
const LINE_COMMENT = /--[^\n]*/y
const BLOCK_COMMENT = /\/\*[^]*?(?:\*\/|$)/y
/** Quotes are doubled within; an open one goes on to the end of the text, as both engines read it. */
const QUOTED = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)/y
const BACKSLASHED = /[eE]'(?:[^'\\]|''|\\[^])*(?:'|$)/y
const SQLITE_QUOTED = /`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/y
const DOLLAR_TAG = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy
const WORD = /[\p{L}\p{N}_$\u0080-\uFFFF]+/uy

/** Behind white space and comments that begin at `at`; `at` itself when there are none. */
export function blankEnd(sql: string, at: number, dialect: Dialect): number {
  const simple = match(SPACE, sql, at) ?? match(LINE_COMMENT, sql, at)
  if (simple !== undefined) return simple
  if (!sql.startsWith('/*', at)) return at
  return dialect === 'postgres' ? nestedCommentEnd(sql, at) : (match(BLOCK_COMMENT, sql, at) ?? at)
}

/** PostgreSQL's block comments nest. */
function nestedCommentEnd(sql: string, start: number): number {
  let depth = 0
  let at = start
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) {
      depth += 1
      at += 2
    } else if (sql.startsWith('*/', at)) {
      depth -= 1
      at += 2
      if (depth === 0) return at
    } else at += 1
  }
  return at
}

/** Behind the token that begins at `at`: a quoted one, a word, or a single character. */
export function tokenEnd(
  sql: string,
  at: number,
  dialect: Dialect,
): { readonly end: number; readonly isWord: boolean } {
  const quoted =
    match(QUOTED, sql, at) ??
    (dialect === 'sqlite'
      ? match(SQLITE_QUOTED, sql, at)
      : (match(BACKSLASHED, sql, at) ?? dollarQuoteEnd(sql, at)))
  if (quoted !== undefined) return { end: quoted, isWord: false }
  const word = match(WORD, sql, at)
  return word === undefined ? { end: at + 1, isWord: false } : { end: word, isWord: true }
}

function dollarQuoteEnd(sql: string, at: number): number | undefined {
  const opened = match(DOLLAR_TAG, sql, at)
  if (opened === undefined) return undefined
  const tag = sql.slice(at, opened)
  const closing = sql.indexOf(tag, opened)
  return closing === -1 ? sql.length : closing + tag.length
}

/** The end of a match that begins at `at`. */
function match(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : undefined
}
