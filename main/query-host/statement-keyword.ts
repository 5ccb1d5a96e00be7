/**
 * The first keyword of a statement in upper case, behind white space, semicolons and comments; '' when there is none.
 * SQLite's own lexer rules: https://www.sqlite.org/lang_comment.html
 */
export function statementKeyword(sql: string): string {
  const lead = /^(?:[\s;\uFEFF]|--[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))*/.exec(sql)?.[0].length ?? 0
  return /^[A-Za-z]+/.exec(sql.slice(lead))?.[0].toUpperCase() ?? ''
}

/** Whether a statement is a PRAGMA, which may change the connection for whoever uses it next. */
export function isPragma(sql: string): boolean {
  return statementKeyword(sql) === 'PRAGMA'
}
