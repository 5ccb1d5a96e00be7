import { MAX_SERIES, type Chart, type ChartKind } from '#contract/chart.ts'
import type { ChartColumn, ValueKind } from './column-kinds.ts'

/** Which columns a kind of chart can take. */
export interface ChartRoles {
  readonly x: readonly ValueKind[]
  readonly y: readonly ValueKind[]
  /** How many columns are drawn over `x`. */
  readonly series: number
  /** The number of the row can be along the bottom. */
  readonly rowNumber: boolean
}

export function rolesOf(kind: ChartKind): ChartRoles {
  switch (kind) {
    case 'line':
      return { x: ['number', 'time'], y: ['number'], series: MAX_SERIES, rowNumber: true }
    case 'bar':
      return { x: ['text', 'number', 'time', 'none'], y: ['number'], series: 1, rowNumber: false }
    case 'scatter':
      return { x: ['number', 'time'], y: ['number'], series: 1, rowNumber: false }
    case 'histogram':
      return { x: ['number', 'time'], y: [], series: 0, rowNumber: false }
    default:
      return kind satisfies never
  }
}

/** The chart that most people would draw of such columns first; undefined when there is nothing to draw. */
export function firstChart(columns: readonly ChartColumn[]): Chart | undefined {
  const wanted = firstKinds(columns)
  return wanted.map((kind) => chartOf(kind, columns)).find((chart) => chart !== undefined)
}

function firstKinds(columns: readonly ChartColumn[]): ChartKind[] {
  const measures = measuresOf(columns)
  const has = (kind: ValueKind): boolean => columns.some((column) => column.kind === kind && !column.isKey)
  if (has('time') && measures.length > 0) return ['line']
  if (has('text')) return ['bar']
  if (measures.length > 1) return measures[0]?.ascends ? ['line'] : ['scatter']
  return ['histogram', 'bar']
}

/** A chart of one kind with the columns that suit it best; undefined where none do. */
export function chartOf(kind: ChartKind, columns: readonly ChartColumn[]): Chart | undefined {
  const measures = measuresOf(columns)
  const [first, second] = measures
  const time = columns.find((column) => column.kind === 'time')
  switch (kind) {
    case 'line': {
      const x = time ?? (measures.length > 1 && first?.ascends ? first : undefined)
      const y = measures.find((column) => column !== x)
      return y && { kind, x: x?.name ?? null, y: [y.name], measure: 'sum' }
    }
    case 'bar': {
      const x =
        columns.find((column) => column.kind === 'text' && !column.isKey) ??
        time ??
        columns.find((column) => column.kind === 'text') ??
        columns.find((column) => column.kind === 'number') ??
        columns[0]
      const y = measures.find((column) => column !== x && !column.isKey)
      return x && { kind, x: x.name, y: y ? [y.name] : [], measure: y ? 'sum' : 'count' }
    }
    case 'scatter': {
      const x = second ? first : time
      const y = second ?? first
      return x && y && { kind, x: x.name, y: [y.name], measure: 'sum' }
    }
    case 'histogram': {
      const x = first ?? time ?? columns.find((column) => column.kind === 'number')
      return x && { kind, x: x.name, y: [], measure: 'count' }
    }
    default:
      return kind satisfies never
  }
}

/** The same in another kind, with the columns that it has as far as they suit that. */
export function withKind(chart: Chart, kind: ChartKind, columns: readonly ChartColumn[]): Chart | undefined {
  const best = chartOf(kind, columns)
  const kept = { ...chart, kind, y: chart.y.slice(0, rolesOf(kind).series) }
  return best && suits({ ...kept, measure: best.measure }, columns) && needsNoMore(kept)
    ? { ...kept, measure: best.measure }
    : best
}

/** Whether a chart can be drawn of such columns. */
export function suits({ kind, x, y }: Chart, columns: readonly ChartColumn[]): boolean {
  const roles = rolesOf(kind)
  const fits = (name: string, kinds: readonly ValueKind[]): boolean =>
    columns.some((column) => column.name === name && kinds.includes(column.kind))
  if (x === null ? !roles.rowNumber : !fits(x, roles.x)) return false
  return y.length <= roles.series && y.every((name) => fits(name, roles.y))
}

/** Lines and scatter draw a column over another one. */
function needsNoMore({ kind, y }: Chart): boolean {
  return kind === 'histogram' || y.length > 0
}

/** Numbers that measure something; where there are none, those that number the rows. */
function measuresOf(columns: readonly ChartColumn[]): readonly ChartColumn[] {
  const numbers = columns.filter(({ kind }) => kind === 'number')
  const measures = numbers.filter(({ isKey }) => !isKey)
  return measures.length > 0 ? measures : numbers
}
