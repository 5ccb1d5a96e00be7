import type { Chart } from '#contract/chart.ts'
import { rowsWords } from '../../../messages/run-words.ts'
import { t } from '../../../messages/words.ts'
import { formatCount, formatter } from '../../../ui/format/number.ts'
import type { Bar, ChartData } from './ask-chart.ts'

/** Digits of a number on an axis or in a table; those after them no pixel shows. */
const DIGITS = 6
/** Length of a day and a time as ISO writes them (characters). */
const DAY_LENGTH = 10
const TIME_LENGTH = 19
const DAY_MS = 86_400_000

/** What a chart is of. */
export function chartTitle({ kind, x, y, measure }: Chart): string {
  const along = x ?? t('chart.rowNumber')
  const over = y.join(', ')
  switch (kind) {
    case 'line':
    case 'scatter':
      return t('chart.titleOver', { y: over, x: along })
    case 'histogram':
      return t('chart.titleHistogram', { x: along })
    case 'bar':
      return over === '' || measure === 'count'
        ? t('chart.titleCount', { x: along })
        : t('chart.titleMeasure', { measure: t(`chart.${measure}`), y: over, x: along })
    default:
      return kind satisfies never
  }
}

/** What was done with the rows, and which of them are not in the drawing. */
export function chartFacts({ drawing, rows, drawn, nulls }: ChartData): string {
  const words = [rowsWords(rows)]
  switch (drawing.kind) {
    case 'bands':
      words.push(t('chart.factBands', { steps: formatCount(drawing.bands.length) }))
      break
    case 'bins':
      words.push(t('chart.factBins', { bins: formatCount(drawing.counts.length) }))
      break
    case 'fields':
      words.push(t('chart.factFields', { fields: formatCount(drawing.fields.length) }))
      break
    case 'bars':
      if (drawing.others > 0) {
        const bars = drawing.bars.length - 1
        words.push(t('chart.factOthers', { bars: formatCount(bars), others: formatCount(drawing.others) }))
      }
      break
    case 'points':
    case 'nothing':
      break
    default:
      drawing satisfies never
  }
  if (nulls > 0) words.push(t('chart.factNulls', { rows: rowsWords(nulls) }))
  const others = rows - drawn - nulls
  if (others > 0) words.push(t('chart.factNoNumbers', { rows: rowsWords(others) }))
  return words.join(t('chart.between'))
}

export function barName({ key }: Bar): string {
  if (key === undefined) return t('chart.others')
  if (key === null) return 'NULL'
  return key === '' ? t('chart.emptyText') : key
}

export function numberWords(value: number): string {
  return formatter({ maximumSignificantDigits: DIGITS }).format(value)
}

/** A moment as it was written: without a zone. */
export function momentWords(ms: number): string {
  const date = new Date(ms)
  if (Number.isNaN(date.getTime())) return numberWords(ms)
  const text = date.toISOString()
  return ms % DAY_MS === 0 ? text.slice(0, DAY_LENGTH) : text.slice(0, TIME_LENGTH).replace('T', ' ')
}

/** The values along the bottom in words. */
export function alongWords({ source }: ChartData): (value: number) => string {
  const { chart, columns } = source
  const isTime = columns.some(({ name, kind }) => name === chart.x && kind === 'time')
  return isTime ? momentWords : numberWords
}
