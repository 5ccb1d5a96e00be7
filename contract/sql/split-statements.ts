/** How a text of SQL is cut into statements. Pure, for the window and the command line alike. */
import { blankEnd, tokenEnd, type Dialect } from './tokens.ts'

export type { Dialect } from './tokens.ts'

/** One statement of a text, without the white space and comments around it and without its semicolon. */
export interface StatementText {
  readonly text: string
  /** Of its first code unit, in UTF-16 code units from the start of the text. */
  readonly start: number
  /** Of the one after its last. */
  readonly end: number
}

/**
 * Cuts a text into its statements.
 *
 * Semicolons separate statements except in strings, quoted names, comments, PostgreSQL's dollar quotes, the body of a
 * trigger (BEGIN … END, with CASE … END within) and of an SQL function (BEGIN ATOMIC … END). Lexical rules:
 * https://www.sqlite.org/lang_createtrigger.html, https://www.postgresql.org/docs/current/sql-syntax-lexical.html
 * @returns the statements in order; none for a text of white space and comments.
 */
export function splitStatements(sql: string, dialect: Dialect = 'sqlite'): StatementText[] {
  return [...walkStatements(sql, dialect)].filter((found) => found !== undefined)
}

/** Tokens between two places to pause: a few hundredths of a millisecond. */
const TOKENS_BEFORE_PAUSE = 256

/** As `splitStatements`, for texts of megabytes: yields each statement, and undefined now and then, as a place to pause. */
export function* walkStatements(
  sql: string,
  dialect: Dialect = 'sqlite',
): Generator<StatementText | undefined, void> {
  /** Of the statement under way; -1 before its first token. */
  let start = -1
  let end = 0
  let body = makeBody()
  let at = 0
  let tokens = 0

  while (at < sql.length) {
    tokens += 1
    if (tokens % TOKENS_BEFORE_PAUSE === 0) yield undefined
    const blank = blankEnd(sql, at, dialect)
    if (blank > at) {
      at = blank
      continue
    }
    if (sql[at] === ';' && !body.inside) {
      if (start !== -1) yield { text: sql.slice(start, end), start, end }
      start = -1
      body = makeBody()
      at += 1
      continue
    }
    if (start === -1) start = at
    const token = tokenEnd(sql, at, dialect)
    body.take(token.isWord && sql[at - 1] !== '.' ? sql.slice(at, token.end).toUpperCase() : '')
    at = token.end
    end = at
  }
  if (start !== -1) yield { text: sql.slice(start, end), start, end }
}

/**
 * The statement that a position belongs to: the one around it, else the one before it on the way to the next, as an
 * editor runs "the statement at the cursor".
 * @returns undefined when there is none.
 */
export function statementAt(
  statements: readonly StatementText[],
  position: number,
): StatementText | undefined {
  let found = statements[0]
  for (const statement of statements) {
    if (statement.start > position) break
    found = statement
  }
  return found
}

/** Follows whether a statement is inside a body whose semicolons are its own. */
interface Body {
  readonly inside: boolean
  /** Takes the next token: a word in upper case, '' for anything else. */
  take(word: string): void
}

function makeBody(): Body {
  let words = 0
  let created = false
  let routine: 'trigger' | 'function' | undefined
  let previous = ''
  let depth = 0
  return {
    get inside() {
      return depth > 0
    },
    take(word) {
      words += 1
      if (words === 1 || (previous === 'EXPLAIN' && words === 2)) created = word === 'CREATE'
      if (created && routine === undefined && depth === 0) {
        if (word === 'TRIGGER') routine = 'trigger'
        else if (word === 'FUNCTION' || word === 'PROCEDURE') routine = 'function'
        // CREATE TABLE trigger, CREATE INDEX function: what is created comes before any name.
        else if (word !== 'CREATE' && !MODIFIERS.has(word)) created = false
      } else if (depth > 0) {
        if (word === 'CASE') depth += 1
        else if (word === 'END') depth -= 1
      } else if (routine === 'trigger' && word === 'BEGIN') depth = 1
      else if (routine === 'function' && word === 'ATOMIC' && previous === 'BEGIN') depth = 1
      previous = word
    },
  }
}

/** What may stand between CREATE and the kind of thing that is created. */
const MODIFIERS: ReadonlySet<string> = new Set(['TEMP', 'TEMPORARY', 'OR', 'REPLACE', 'CONSTRAINT'])
