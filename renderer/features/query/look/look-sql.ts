import { ownNames } from '#contract/own-names.ts'
import type { ExactValue, Filter, FilterTest, Look } from './look.ts'

/** The statements that look at a finished result, which is the table `result` of a database of its own. */

const TABLE = 'result'
/** By any of these a row is found by its number, unless a column has that name. */
const ROW_NUMBERS = ['rowid', '_rowid_', 'oid']
/** A number as SQL writes it. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

/** The rows of a look, in its order; rows that are equal in it stay in the order in which they came. */
export function lookSql(look: Look, names: readonly string[]): string {
  const columns = columnsOf(names)
  const keys = look.sorts.map(
    ({ column, direction }) => columns.at(column) + (direction === 'descending' ? ' DESC' : ''),
  )
  const order = keys.length === 0 ? [] : [...keys, ...columns.rowNumber]
  return `SELECT * FROM ${TABLE}${where(look, columns)}${order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`}`
}

/** The values that a column has within a look, and how many rows have each; the most frequent first. */
export function valuesSql(look: Look, names: readonly string[], column: number): string {
  const columns = columnsOf(names)
  return `SELECT ${columns.at(column)}, count(*) FROM ${TABLE}${where(look, columns)} GROUP BY 1 ORDER BY 2 DESC, 1`
}

/** How many figures `summarySql` asks for of each column. */
export const FIGURES = 11

/**
 * Figures of columns, in a single row: `FIGURES` for each, in the order of `readSummary`. Integers are summed in two
 * halves, because sums of SQLite's own end in an error above 64 bits.
 */
export function summarySql(part: SummaryPart, names: readonly string[]): string {
  const columns = columnsOf(names)
  const figures = part.columns.flatMap((index) => {
    const column = columns.at(index)
    const integers = `FILTER (WHERE typeof(${column}) = 'integer')`
    const reals = `FILTER (WHERE typeof(${column}) = 'real')`
    const numbers = `FILTER (WHERE typeof(${column}) IN ('integer', 'real'))`
    const texts = `FILTER (WHERE typeof(${column}) = 'text')`
    return [
      'count(*)',
      `count(${column})`,
      `count(*) ${integers}`,
      `count(*) ${reals}`,
      `sum(${column} >> 32) ${integers}`,
      `sum(${column} & 4294967295) ${integers}`,
      `total(${column}) ${reals}`,
      `min(+${column}) ${numbers}`,
      `max(+${column}) ${numbers}`,
      `min(+${column}) ${texts}`,
      `max(+${column}) ${texts}`,
    ]
  })
  const range = part.rows
  const wanted = range
    ? ` WHERE ${columns.rowNumber[0] ?? 'rowid'} BETWEEN ${range.from + 1} AND ${range.from + range.count}`
    : where(part.look, columns)
  return `SELECT ${figures.join(', ')} FROM ${TABLE}${wanted}`
}

/** What is summed up: some columns of a look, or of a stretch of rows. */
export interface SummaryPart {
  readonly columns: readonly number[]
  readonly look: Look
  readonly rows?: { readonly from: number; readonly count: number }
}

export interface Columns {
  /** A column's name as SQL. */
  at(column: number): string
  readonly all: readonly string[]
  /** What the row's number is called; empty when columns have all of its names. */
  readonly rowNumber: readonly string[]
}

/** How the columns of a result are called in a statement. */
export function columnsOf(names: readonly string[]): Columns {
  const own = ownNames(names)
  const all = own.map((name) => `"${name.replaceAll('"', '""')}"`)
  const taken = new Set(own.map((name) => name.toLowerCase()))
  return {
    all,
    at: (column) => all[column] ?? 'NULL',
    rowNumber: ROW_NUMBERS.filter((name) => !taken.has(name)).slice(0, 1),
  }
}

/** The condition that lets the rows of a look through; empty for all rows. */
export function where({ filters, find }: Pick<Look, 'filters' | 'find'>, columns: Columns): string {
  const conditions = filters.map(({ column, test }: Filter) => condition(columns.at(column), test))
  if (find !== '') conditions.push(anyOf(columns.all.map((column) => like(column, `%${escaped(find)}%`))))
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
}

/** A test is about values and their own kind: a column's declared type, which SQLite would convert by, plays no part. */
function condition(column: string, test: FilterTest): string {
  switch (test.kind) {
    case 'contains':
      return like(column, `%${escaped(test.text)}%`)
    case 'lacks':
      return not(like(column, `%${escaped(test.text)}%`))
    case 'begins':
      return like(column, `${escaped(test.text)}%`)
    case 'equals':
      return compared(column, '=', test.text)
    case 'differs':
      return not(compared(column, '=', test.text))
    case 'below':
      return compared(column, '<', test.text)
    case 'at-most':
      return compared(column, '<=', test.text)
    case 'above':
      return compared(column, '>', test.text)
    case 'at-least':
      return compared(column, '>=', test.text)
    case 'null':
      return `${column} IS NULL`
    case 'not-null':
      return `${column} IS NOT NULL`
    case 'is':
      return `+${column} IS ${exact(test.value)}`
    case 'is-not':
      return `+${column} IS NOT ${exact(test.value)}`
    default:
      return test satisfies never
  }
}

/** A number is compared with numbers, and a text with texts; what reads as a number is meant as both. */
function compared(column: string, operator: string, typed: string): string {
  const asText = `(typeof(${column}) = 'text' AND +${column} ${operator} ${textLiteral(typed)})`
  const number = typed.trim()
  if (!NUMBER.test(number)) return asText
  return `((typeof(${column}) IN ('integer', 'real') AND +${column} ${operator} ${number}) OR ${asText})`
}

/** In any case of the letters A to Z. Bytes have no text to look into. */
function like(column: string, pattern: string): string {
  return `(typeof(${column}) <> 'blob' AND ${column} LIKE ${textLiteral(pattern)} ESCAPE '\\')`
}

/** All that does not pass, NULL too. */
function not(test: string): string {
  return `NOT coalesce(${test}, 0)`
}

/** Nested like a tree: SQLite allows a thousand levels, and a result may have more columns. */
function anyOf(tests: readonly string[]): string {
  if (tests.length <= 1) return tests[0] ?? '0'
  const middle = tests.length >> 1
  return `(${anyOf(tests.slice(0, middle))} OR ${anyOf(tests.slice(middle))})`
}

function escaped(text: string): string {
  return text.replace(/[\\%_]/g, (character) => `\\${character}`)
}

function textLiteral(text: string): string {
  if (!text.includes('\0')) return `'${text.replaceAll("'", "''")}'`
  // A statement's text ends at a NUL.
  const bytes = [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0'))
  return `CAST(x'${bytes.join('')}' AS TEXT)`
}

function exact({ kind, text }: ExactValue): string {
  switch (kind) {
    case 'null':
      return 'NULL'
    case 'integer':
      return text
    case 'real':
      // SQL has no infinity; what overflows a double is read as one.
      if (text.endsWith('Inf')) return text.replace('Inf', '9.0e+999')
      return text === 'NaN' ? 'NULL' : text
    case 'text':
      return textLiteral(text)
    case 'blob':
      return `x'${text}'`
    default:
      return kind satisfies never
  }
}
