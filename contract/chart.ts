import { z } from 'zod'

/** Lines in one chart: with more of them nobody tells them apart. */
export const MAX_SERIES = 4

export const chartKind = z.enum(['line', 'bar', 'scatter', 'histogram'])
export type ChartKind = z.infer<typeof chartKind>

/** What a bar shows of the rows that it stands for. */
export const chartMeasure = z.enum(['count', 'sum', 'average', 'least', 'greatest'])
export type ChartMeasure = z.infer<typeof chartMeasure>

/** How a result is drawn. Columns go by their names, so that it fits the next result of the same query. */
export const chart = z.object({
  kind: chartKind,
  /** Along the bottom; null for the number of the row. */
  x: z.string().nullable(),
  /** What is drawn over it: several for lines, one for scatter and bars, none for a histogram or bars of counts. */
  y: z.array(z.string()).max(MAX_SERIES),
  measure: chartMeasure,
})
export type Chart = z.infer<typeof chart>

/** The chart of a place where results are shown, and whether it is shown there in place of the rows. */
export const keptChart = z.object({ chart: chart.nullable(), shown: z.boolean() })
export type KeptChart = z.infer<typeof keptChart>

export const NO_CHART: KeptChart = { chart: null, shown: false }
