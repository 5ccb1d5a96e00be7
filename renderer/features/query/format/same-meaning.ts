import { findParameters } from '#contract/sql/find-parameters.ts'
import { blankEnd, tokenEnd, type Dialect } from '#contract/sql/tokens.ts'

/**
 * Whether two texts of SQL differ in nothing but white space, so that an engine reads the same in both. Comments must
 * stay, too: nobody wants to lose one.
 */
export function haveSameMeaning(one: string, other: string, dialect: Dialect): boolean {
  const words = piecesOf(one, dialect)
  const others = piecesOf(other, dialect)
  return (
    words.length === others.length &&
    words.every((word, index) => word === others[index]) &&
    parametersOf(one, dialect) === parametersOf(other, dialect)
  )
}

/** Every token and comment; a comment's own white space may have moved with its lines. */
function piecesOf(sql: string, dialect: Dialect): string[] {
  const pieces: string[] = []
  for (let at = 0; at < sql.length;) {
    const blank = blankEnd(sql, at, dialect)
    const end = blank > at ? blank : tokenEnd(sql, at, dialect).end
    const piece = sql.slice(at, end)
    const text = blank > at ? piece.replaceAll(/\s+/g, ' ').trim() : piece
    if (text !== '') pieces.push(text)
    at = end
  }
  return pieces
}

/** A colon or a question mark that moved away from its neighbour is another thing, though the tokens are the same. */
function parametersOf(sql: string, dialect: Dialect): string {
  return findParameters(sql, dialect)
    .map(({ text }) => text)
    .join('\n')
}
