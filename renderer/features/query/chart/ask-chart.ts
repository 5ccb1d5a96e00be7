import { cellText } from '#contract/chunk/cell-text.ts'
import type { Cell, Chunk } from '#contract/chunk/read.ts'
import {
  BARS,
  bandsSql,
  barsSql,
  binsSql,
  FACTS,
  factsSql,
  fieldsSql,
  pointsSql,
  type ChartSource,
  type Steps,
} from './chart-sql.ts'
import { easySteps, evenSteps } from './steps.ts'

/** Rows up to which each is drawn by itself: a page of a result, and more dots than pixels in a line of them. */
const MAX_POINTS = 1_000
/** Steps along a line that stands for more rows: two pixels for each in a window of ordinary width. */
const BANDS = 500
/** Bars of a histogram. */
const MAX_BINS = 50
/** Fields of a grid that stands for more dots: 960 in all, each some 20 pixels wide. */
const FIELDS_ACROSS = 40
const FIELDS_UP = 24
/** Bars with names beside them that can still be read. */
const MAX_BARS = 30
/** Of a value's text under its bar (bytes). */
const MAX_KEY_BYTES = 120

export interface Point {
  readonly x: number
  readonly y: readonly (number | undefined)[]
}

export interface Band {
  readonly x: number
  readonly rows: number
  /** One for each line; undefined where a step has no value for it. */
  readonly lines: readonly (
    { readonly average: number; readonly least: number; readonly greatest: number } | undefined
  )[]
}

export interface Bar {
  /** undefined for all others together. */
  readonly key: string | null | undefined
  readonly value: number | undefined
  readonly rows: number
}

/** What is drawn. */
export type Drawing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'points'; readonly points: readonly Point[] }
  | { readonly kind: 'bands'; readonly bands: readonly Band[] }
  | { readonly kind: 'bins'; readonly steps: Steps; readonly counts: readonly number[] }
  | {
      readonly kind: 'fields'
      readonly across: Steps
      readonly up: Steps
      readonly fields: readonly { readonly column: number; readonly row: number; readonly rows: number }[]
    }
  | { readonly kind: 'bars'; readonly bars: readonly Bar[]; readonly others: number }

export interface ChartData {
  readonly source: ChartSource
  readonly drawing: Drawing
  /** Of the look. */
  readonly rows: number
  /** Those that are in the drawing; the others have NULL, or no number. */
  readonly drawn: number
  readonly nulls: number
}

/** Asks the result a statement that is answered with at most so many rows. */
export type Ask = (sql: string, most: number) => Promise<Chunk>

/** Works out a chart, with one or two statements over all rows. @throws what `ask` does. */
export async function askChart(source: ChartSource, ask: Ask): Promise<ChartData> {
  if (source.chart.kind === 'bar') return askBars(source, ask)
  const facts = await ask(factsSql(source), 1)
  const fact = (column: number): number => numberOf(facts.cell(0, column)) ?? 0
  const range = (place: number): [number, number] => {
    const at = FACTS.firstRange + 2 * place
    return [fact(at), fact(at + 1)]
  }
  const known = { source, rows: fact(FACTS.rows), drawn: fact(FACTS.drawn), nulls: fact(FACTS.nulls) }
  if (known.drawn === 0) return { ...known, drawing: { kind: 'nothing' } }
  const { kind, x } = source.chart
  const isTime = source.columns.some((column) => column.name === x && column.kind === 'time')
  if (kind === 'histogram') {
    const steps = easySteps(...range(0), MAX_BINS, isTime)
    return { ...known, drawing: binsOf(await ask(binsSql(source, steps), steps.count), steps) }
  }
  if (known.drawn <= MAX_POINTS) {
    return { ...known, drawing: pointsOf(await ask(pointsSql(source, MAX_POINTS), MAX_POINTS)) }
  }
  if (kind === 'scatter') {
    const across = evenSteps(...range(0), FIELDS_ACROSS)
    const up = evenSteps(...range(1), FIELDS_UP)
    return { ...known, drawing: fieldsOf(await ask(fieldsSql(source, across, up), MAX_POINTS), across, up) }
  }
  const bands = await ask(bandsSql(source, evenSteps(...range(0), BANDS)), BANDS)
  return { ...known, drawing: bandsOf(bands, source.chart.y.length) }
}

async function askBars(source: ChartSource, ask: Ask): Promise<ChartData> {
  const chunk = await ask(barsSql(source, MAX_BARS), MAX_BARS + 1)
  const rows = rowsOf(chunk)
  const total = (column: number): number =>
    rows.reduce((sum, row) => sum + (numberOf(chunk.cell(row, column)) ?? 0), 0)
  const bars = rows.map((row): Bar => {
    const isOthers = numberOf(chunk.cell(row, BARS.place)) === MAX_BARS + 1
    return {
      key: isOthers ? undefined : keyOf(chunk.cell(row, BARS.key)),
      value: numberOf(chunk.cell(row, BARS.value)),
      rows: numberOf(chunk.cell(row, BARS.rows)) ?? 0,
    }
  })
  const others = bars.some(({ key }) => key === undefined) ? total(BARS.keys) - MAX_BARS : 0
  const all = total(BARS.rows)
  const isCount = source.chart.y.length === 0
  return {
    source,
    rows: all,
    drawn: isCount ? all : total(BARS.numbers),
    nulls: isCount ? 0 : total(BARS.nulls),
    drawing: bars.length === 0 ? { kind: 'nothing' } : { kind: 'bars', bars: inOrder(bars, source), others },
  }
}

/** Numbers and moments stand in their own order, if all of them are there; else the greatest bar is the first. */
function inOrder(bars: readonly Bar[], { chart, columns }: ChartSource): readonly Bar[] {
  const kind = columns.find(({ name }) => name === chart.x)?.kind
  if (bars.some(({ key }) => key === undefined)) return bars
  if (kind === 'time') return bars.toSorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1))
  if (kind === 'number') return bars.toSorted((a, b) => Number(a.key) - Number(b.key))
  return bars
}

function binsOf(chunk: Chunk, steps: Steps): Drawing {
  const counts = Array.from({ length: steps.count }, () => 0)
  for (const row of rowsOf(chunk)) {
    counts[numberOf(chunk.cell(row, 0)) ?? 0] = numberOf(chunk.cell(row, 1)) ?? 0
  }
  return { kind: 'bins', steps, counts }
}

function pointsOf(chunk: Chunk): Drawing {
  const points = rowsOf(chunk).map((row) => ({
    x: numberOf(chunk.cell(row, 0)) ?? 0,
    y: Array.from({ length: chunk.columnCount - 1 }, (_, at) => numberOf(chunk.cell(row, 1 + at))),
  }))
  return { kind: 'points', points }
}

function bandsOf(chunk: Chunk, lines: number): Drawing {
  const bands = rowsOf(chunk).map((row): Band => {
    const at = (column: number): number | undefined => numberOf(chunk.cell(row, column))
    return {
      x: at(0) ?? 0,
      rows: at(1) ?? 0,
      lines: Array.from({ length: lines }, (_, line) => {
        const [average, least, greatest] = [2, 3, 4].map((figure) => at(figure + 3 * line))
        return average === undefined || least === undefined || greatest === undefined
          ? undefined
          : { average, least, greatest }
      }),
    }
  })
  return { kind: 'bands', bands }
}

function fieldsOf(chunk: Chunk, across: Steps, up: Steps): Drawing {
  const fields = rowsOf(chunk).map((row) => {
    const [column = 0, line = 0, rows = 0] = [0, 1, 2].map((at) => numberOf(chunk.cell(row, at)))
    return { column, row: line, rows }
  })
  return { kind: 'fields', across, up, fields }
}

function rowsOf({ rowCount }: Chunk): number[] {
  return Array.from({ length: rowCount }, (_, row) => row)
}

/** Large integers lose their last digits, which no pixel shows. */
function numberOf(cell: Cell): number | undefined {
  return cell.kind === 'integer' || cell.kind === 'real' ? Number(cell.value) : undefined
}

function keyOf(cell: Cell): string | null {
  if (cell.kind === 'null') return null
  const text = cellText(cell, MAX_KEY_BYTES)
  return cell.kind === 'blob' ? `0x${text}` : text
}
