import type { Chart, ChartMeasure } from '#contract/chart.ts'
import type { Look } from '../look/look.ts'
import { columnsOf, where } from '../look/look-sql.ts'
import type { ChartColumn } from './column-kinds.ts'

/** The statements that draw a finished result: however many rows it has, each answers with at most a thousand. */

/** A chart, and the rows and columns that it is drawn of. */
export interface ChartSource {
  readonly chart: Chart
  readonly columns: readonly ChartColumn[]
  /** Rows that it does not let through are not drawn. */
  readonly look: Pick<Look, 'filters' | 'find'>
}

/** A stretch of values, cut into equal steps from `from` on. */
export interface Steps {
  readonly from: number
  readonly width: number
  readonly count: number
}

/** Columns of `factsSql`: rows, drawn ones, and those in which something is NULL; then the least and greatest of each. */
export const FACTS = { rows: 0, drawn: 1, nulls: 2, firstRange: 3 } as const

/** How many rows there are, how many can be drawn, and from where to where their values go. */
export function factsSql(source: ChartSource): string {
  const names = ['x', ...source.chart.y.map((_, at) => `y${at}`)]
  const drawn = drawnIf(source)
  const ranges = names.flatMap((name) => [
    `min(${name}) FILTER (WHERE ${drawn})`,
    `max(${name}) FILTER (WHERE ${drawn})`,
  ])
  return `SELECT count(*), count(*) FILTER (WHERE ${drawn}), count(*) FILTER (WHERE gap AND NOT (${drawn})), ${ranges.join(', ')} FROM (${values(source)})`
}

/** Every row that can be drawn, from left to right: for results that have few. */
export function pointsSql(source: ChartSource, most: number): string {
  const y = source.chart.y.map((_, at) => `y${at}`)
  return `SELECT ${['x', ...y].join(', ')} FROM (${values(source)}) WHERE ${drawnIf(source)} ORDER BY x LIMIT ${most}`
}

/** For each step along the bottom its rows, and the average, least and greatest of each line. */
export function bandsSql(source: ChartSource, steps: Steps): string {
  const figures = source.chart.y.flatMap((_, at) => [`avg(y${at})`, `min(y${at})`, `max(y${at})`])
  return `SELECT ${['min(x)', 'count(*)', ...figures].join(', ')} FROM (${values(source)}) WHERE ${drawnIf(source)} GROUP BY ${stepOf('x', steps)} ORDER BY 1`
}

/** How many rows lie in each step. */
export function binsSql(source: ChartSource, steps: Steps): string {
  return `SELECT ${stepOf('x', steps)}, count(*) FROM (${values(source)}) WHERE ${drawnIf(source)} GROUP BY 1 ORDER BY 1`
}

/** How many rows lie in each field of a grid. */
export function fieldsSql(source: ChartSource, across: Steps, up: Steps): string {
  return `SELECT ${stepOf('x', across)}, ${stepOf('y0', up)}, count(*) FROM (${values(source)}) WHERE ${drawnIf(source)} GROUP BY 1, 2`
}

/** Columns of `barsSql`. */
export const BARS = { place: 0, key: 1, value: 2, rows: 3, keys: 4, numbers: 5, nulls: 6 } as const

/** The greatest values of a column by a measure, at most so many, and all others as one more row. */
export function barsSql(source: ChartSource, most: number): string {
  const { chart, look } = source
  const columns = columnsOf(source.columns.map(({ name }) => name))
  const key = columnNamed(source, chart.x, columns.at)
  const y = chart.y[0]
  const value = y === undefined ? 'NULL' : number(columnNamed(source, y, columns.at))
  const isNull = y === undefined ? '0' : `${columnNamed(source, y, columns.at)} IS NULL`
  // The limit keeps SQLite from working out a value anew wherever it is used.
  const rows = `SELECT ${key} AS k, ${value} AS v, ${isNull} AS gap FROM result${where(look, columns)} LIMIT -1`
  const groups = `SELECT k, count(*) AS n, count(v) AS c, total(v) AS s, min(v) AS lo, max(v) AS hi, sum(gap) AS gaps FROM (${rows}) GROUP BY k`
  const places = `SELECT *, min(row_number() OVER (ORDER BY ${measured(chart.measure, false)} DESC NULLS LAST, n DESC, k), ${most + 1}) AS place FROM (${groups})`
  return `SELECT place, min(k), ${measured(chart.measure, true)}, sum(n), count(*), sum(c), sum(gaps) FROM (${places}) GROUP BY place ORDER BY place`
}

function measured(measure: ChartMeasure, together: boolean): string {
  switch (measure) {
    case 'count':
      return together ? 'sum(n)' : 'n'
    case 'sum':
      return together ? 'iif(sum(c) > 0, sum(s), NULL)' : 'iif(c > 0, s, NULL)'
    case 'average':
      return together ? 'sum(s) / nullif(sum(c), 0)' : 's / nullif(c, 0)'
    case 'least':
      return together ? 'min(lo)' : 'lo'
    case 'greatest':
      return together ? 'max(hi)' : 'hi'
    default:
      return measure satisfies never
  }
}

/** Each row's `x`, `y0`, `y1`… as numbers, and whether one of them is NULL. */
function values(source: ChartSource): string {
  const { chart, look } = source
  const columns = columnsOf(source.columns.map(({ name }) => name))
  const x = chart.x === null ? (columns.rowNumber[0] ?? 'rowid') : columnNamed(source, chart.x, columns.at)
  const isTime = source.columns.some(({ name, kind }) => name === chart.x && kind === 'time')
  const y = chart.y.map((name) => columnNamed(source, name, columns.at))
  const gap = [x, ...y].map((column) => `${column} IS NULL`).join(' OR ')
  const selected = [
    `${isTime ? moment(x) : number(x)} AS x`,
    ...y.map((column, at) => `${number(column)} AS y${at}`),
    `(${gap}) AS gap`,
  ]
  return `SELECT ${selected.join(', ')} FROM result${where(look, columns)} LIMIT -1`
}

function drawnIf({ chart }: ChartSource): string {
  const any = chart.y.map((_, at) => `y${at} IS NOT NULL`).join(' OR ')
  return any === '' ? 'x IS NOT NULL' : `x IS NOT NULL AND (${any})`
}

function columnNamed({ columns }: ChartSource, name: string | null, at: (column: number) => string): string {
  return at(columns.findIndex((column) => column.name === name))
}

/** The value as a real; NULL where it is no number, or not a finite one. A text that reads as a number is one. */
function number(column: string): string {
  const digits = `substr(+${column}, 1 + (substr(+${column}, 1, 1) IN ('-', '+')))`
  const isNumber = `(${digits} GLOB '*[0-9]*' AND ${digits} NOT GLOB '*[^0-9.]*' AND ${digits} NOT GLOB '*.*.*')`
  return (
    `CASE typeof(${column}) WHEN 'integer' THEN CAST(${column} AS REAL) ` +
    `WHEN 'real' THEN iif(abs(${column}) < 9e999, +${column}, NULL) ` +
    `WHEN 'text' THEN iif(${isNumber}, CAST(${column} AS REAL), NULL) END`
  )
}

/** Milliseconds since 1970 of a day or time as it is written, whatever zone is written after it. */
function moment(column: string): string {
  const fraction = `iif(substr(${column}, 20, 1) = '.', round(CAST('0' || substr(${column}, 20, 4) AS REAL) * 1000), 0)`
  return (
    `iif(typeof(${column}) = 'text' AND ${column} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*', ` +
    `unixepoch(substr(${column}, 1, 19)) * 1000.0 + ${fraction}, NULL)`
  )
}

/** The number of the step that a value lies in; the last one has its upper end, too. */
function stepOf(value: string, { from, width, count }: Steps): string {
  return `max(0, min(${count - 1}, CAST((${value} - (${from})) / ${width} AS INTEGER)))`
}
