import type { Connection } from './database-failure.ts'

/** A text with more candidates than this is not searched: every try parses the text up to it. */
const MAX_TRIES = 200

/** One token of SQLite's lexer; comments and white space are matched so that they are passed over. */
const TOKEN =
  /--[^\n]*|\/\*[^]*?(?:\*\/|$)|[\s\uFEFF]+|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|[\p{L}\p{N}_$\u0080-\uFFFF]+|[^]/gu

/**
 * Where in the text the engine found an error, which its message does not say.
 *
 * For a syntax error near a token that stands there more than once, the text up to each of them is prepared in turn: the
 * first that the parser refuses with the same message is the one, because it reads from the start. Other names are only
 * found when they stand there once.
 * @returns the offset in UTF-16 code units; undefined when it cannot be told for certain.
 */
export function errorPosition(connection: Connection, sql: string, message: string): number | undefined {
  if (message === 'incomplete input') return sql.trimEnd().length
  const near =
    /^near "(.*)": syntax error$/s.exec(message)?.[1] ?? /^unrecognized token: "(.*)"$/s.exec(message)?.[1]
  const named = /^no such (?:table|column|function|index|view|collation sequence|module): (.*)$/s.exec(
    message,
  )?.[1]
  const token = near ?? named
  if (token === undefined || token === '') return undefined
  const offsets = tokensOf(sql).filter(({ text }) => isToken(text, token, near !== undefined))
  if (offsets.length > MAX_TRIES) return undefined
  if (offsets.length === 1) return offsets[0]?.offset
  if (near === undefined) return undefined
  return offsets.find(
    ({ offset, text }) => refusal(connection, sql.slice(0, offset + text.length)) === message,
  )?.offset
}

function tokensOf(sql: string): { readonly text: string; readonly offset: number }[] {
  return [...sql.matchAll(TOKEN)].map(({ 0: text, index }) => ({ text, offset: index }))
}

/** Names may be qualified in the message and quoted in the text; a syntax error quotes the text as it stands. */
function isToken(text: string, token: string, verbatim: boolean): boolean {
  if (verbatim) return text === token
  const name = token.slice(token.lastIndexOf('.') + 1).toLowerCase()
  const bare = /^["`[]/.test(text) ? text.slice(1, -1) : text
  return bare.toLowerCase() === name
}

/** What the engine says against a text; it is only prepared, never run. */
function refusal(connection: Connection, sql: string): string | undefined {
  try {
    connection.prepare(sql)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : undefined
  }
}
