import { t } from '../../../messages/words.ts'
import { formatCount } from '../../../ui/format/number.ts'
import type { ChartData } from './ask-chart.ts'
import { alongWords, barName, numberWords } from './chart-words.ts'

/** What a chart draws, in words: for those who do not see it, and for reading off a value. */
export interface ChartTable {
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function chartTable(data: ChartData): ChartTable {
  const { drawing, source } = data
  const { chart } = source
  const along = alongWords(data)
  const x = chart.x ?? t('chart.rowNumber')
  const number = (value: number | undefined): string => (value === undefined ? 'NULL' : numberWords(value))
  const stretch = (from: number, width: number, words: (value: number) => string): string =>
    t('chart.stretch', { from: words(from), to: words(from + width) })
  switch (drawing.kind) {
    case 'nothing':
      return { heads: [x], rows: [] }
    case 'points':
      return {
        heads: [x, ...chart.y],
        rows: drawing.points.map((point) => [along(point.x), ...point.y.map(number)]),
      }
    case 'bands':
      return {
        heads: [
          x,
          t('chart.rows'),
          ...chart.y.flatMap((name) =>
            (['average', 'least', 'greatest'] as const).map((figure) =>
              t('chart.figureOf', { figure: t(`chart.${figure}`), column: name }),
            ),
          ),
        ],
        rows: drawing.bands.map((band) => [
          along(band.x),
          formatCount(band.rows),
          ...band.lines.flatMap((line) => [line?.average, line?.least, line?.greatest].map(number)),
        ]),
      }
    case 'bins':
      return {
        heads: [x, t('chart.rows')],
        rows: drawing.counts.map((count, at) => [
          stretch(drawing.steps.from + at * drawing.steps.width, drawing.steps.width, along),
          formatCount(count),
        ]),
      }
    case 'fields':
      return {
        heads: [x, chart.y[0] ?? '', t('chart.rows')],
        rows: drawing.fields.map(({ column, row, rows }) => [
          stretch(drawing.across.from + column * drawing.across.width, drawing.across.width, along),
          stretch(drawing.up.from + row * drawing.up.width, drawing.up.width, numberWords),
          formatCount(rows),
        ]),
      }
    case 'bars':
      return {
        heads: [
          x,
          chart.measure === 'count' ? t('chart.rows') : t(`chart.${chart.measure}`),
          t('chart.rows'),
        ],
        rows: drawing.bars.map((bar) => [barName(bar), number(bar.value), formatCount(bar.rows)]),
      }
    default:
      return drawing satisfies never
  }
}
