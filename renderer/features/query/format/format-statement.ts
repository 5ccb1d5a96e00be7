import { formatDialect, postgresql, sqlite } from 'sql-formatter'
import type { Dialect } from '#contract/sql/tokens.ts'
import { haveSameMeaning } from './same-meaning.ts'

/** Spaces of a step inwards. */
const INDENT = 2

/**
 * Sets a statement in lines. Keywords stay as they are written: they may be names of columns, which a result shows.
 * @returns undefined for one that is not understood, or that would come out as more than other white space.
 */
export function formatStatement(sql: string, dialect: Dialect): string | undefined {
  const formatted = setInLines(sql, dialect)
  return formatted !== undefined && haveSameMeaning(sql, formatted, dialect) ? formatted : undefined
}

function setInLines(sql: string, dialect: Dialect): string | undefined {
  try {
    return formatDialect(sql, {
      dialect: dialect === 'postgres' ? postgresql : sqlite,
      tabWidth: INDENT,
      paramTypes:
        dialect === 'postgres'
          ? { numbered: ['$'], named: [':'] }
          : { positional: true, numbered: ['?'], named: [':', '@', '$'] },
    })
  } catch {
    // What it says is about its own grammar; what is wrong with a statement its engine says better.
    return undefined
  }
}
