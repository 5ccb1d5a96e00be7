import type { CustomSeriesRenderItem } from 'echarts'
import type { EChartsCoreOption } from 'echarts/core'
import type { Band, ChartData } from './ask-chart.ts'
import type { ChartColours } from './chart-colours.ts'
import { chartTable } from './chart-table.ts'
import { barName, chartFacts, chartTitle, numberWords } from './chart-words.ts'

/** Room around a drawing (pixels): its title above it, the names of the axes beside it. */
const ROOM = { left: 24, right: 32, top: 92, bottom: 24 }
/** A name under a bar is cut after this (pixels). */
const MAX_NAME_PX = 180
/** How much is seen of a field with the fewest rows. */
const FAINTEST = 0.15
const BAND_OPACITY = 0.22
/** Points up to which each has a dot of its own on a line. */
const MAX_DOTS = 60

/** What echarts draws for a chart. */
export function chartOption(data: ChartData, colours: ChartColours): EChartsCoreOption {
  const { chart, columns } = data.source
  const isTime = columns.some(({ name, kind }) => name === chart.x && kind === 'time')
  const series = seriesOf(data, colours)
  const axis = {
    nameTextStyle: { color: colours.quiet },
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { lineStyle: { color: colours.line } },
    axisLabel: { color: colours.quiet, hideOverlap: true },
    splitLine: { lineStyle: { color: colours.line } },
  }
  const numbers = { ...axis, type: 'value', axisLabel: { ...axis.axisLabel, formatter: numberWords } }
  const bottom = { ...(isTime ? { ...axis, type: 'time' } : numbers), splitLine: { show: false } }
  return {
    animation: false,
    useUTC: true,
    color: [...colours.series],
    textStyle: { fontFamily: colours.font, color: colours.ink },
    title: {
      text: chartTitle(chart),
      subtext: chartFacts(data),
      left: ROOM.left,
      top: 14,
      textStyle: { color: colours.ink, fontSize: 15, fontWeight: 600 },
      subtextStyle: { color: colours.quiet, fontSize: 12 },
    },
    grid: { ...ROOM, outerBoundsMode: 'same', outerBoundsContain: 'all' },
    legend:
      chart.y.length > 1
        ? {
            right: ROOM.right,
            top: 14,
            icon: 'roundRect',
            itemWidth: 14,
            itemHeight: 4,
            textStyle: { color: colours.ink },
            data: chart.y,
          }
        : { show: false },
    // Drawn by the canvas too: values of a result never become HTML.
    tooltip: {
      renderMode: 'richText',
      confine: true,
      trigger: 'item',
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.ink },
      ...tooltipOf(data),
    },
    ...axesOf(data, bottom, numbers, axis),
    series,
  }
}

/** Every value of the table at the place of the pointer. */
function tooltipOf(data: ChartData): object {
  const { drawing } = data
  const table = chartTable(data)
  const words = (at: number): string =>
    (table.rows[at] ?? []).map((value, column) => `${table.heads[column] ?? ''}: ${value}`).join('\n')
  if (drawing.kind === 'bands' || (drawing.kind === 'points' && data.source.chart.kind === 'line')) {
    return {
      trigger: 'axis',
      formatter: (all: readonly { dataIndex: number }[]) => words(all[0]?.dataIndex ?? -1),
    }
  }
  return { formatter: ({ dataIndex }: { dataIndex: number }) => words(dataIndex) }
}

function axesOf(data: ChartData, bottom: object, numbers: object, axis: object): object {
  const { drawing, source } = data
  const { kind, x } = source.chart
  switch (drawing.kind) {
    case 'bars': {
      const names = {
        ...axis,
        type: 'category',
        data: drawing.bars.map(barName),
        axisLabel: { ...(axis as { axisLabel: object }).axisLabel, width: MAX_NAME_PX, overflow: 'truncate' },
        splitLine: { show: false },
      }
      const isOrdered = source.columns.some(
        (each) => each.name === x && ['number', 'time'].includes(each.kind),
      )
      return isOrdered
        ? { xAxis: names, yAxis: numbers }
        : { xAxis: numbers, yAxis: { ...names, inverse: true } }
    }
    case 'bins': {
      const { from, width, count } = drawing.steps
      return { xAxis: { ...bottom, min: from, max: from + width * count }, yAxis: numbers }
    }
    case 'points':
    case 'bands':
    case 'fields':
    case 'nothing':
      return {
        xAxis: { ...bottom, scale: true, ...(kind === 'scatter' ? {} : { min: 'dataMin', max: 'dataMax' }) },
        yAxis: { ...numbers, scale: true },
      }
    default:
      return drawing satisfies never
  }
}

function seriesOf({ drawing, source }: ChartData, colours: ChartColours): object[] {
  const { chart } = source
  switch (drawing.kind) {
    case 'nothing':
      return []
    case 'points':
      return chart.y.map((name, line) => ({
        type: chart.kind === 'scatter' ? 'scatter' : 'line',
        name,
        data: drawing.points.map(({ x, y }) => [x, y[line] ?? '-']),
        ...(chart.kind === 'scatter'
          ? { symbolSize: 6, itemStyle: { opacity: 0.7 } }
          : { showSymbol: drawing.points.length <= MAX_DOTS, lineStyle: { width: 1.5 } }),
      }))
    case 'bands':
      return chart.y.flatMap((name, line) => [
        bandSeries(drawing.bands, line, colours.series[line] ?? colours.ink),
        {
          type: 'line',
          name,
          showSymbol: false,
          lineStyle: { width: 1.5 },
          itemStyle: { color: colours.series[line] },
          data: drawing.bands.map((band) => [band.x, band.lines[line]?.average ?? '-']),
        },
      ])
    case 'bins': {
      const { from, width } = drawing.steps
      const boxes = drawing.counts.map((count, at) => [
        from + at * width,
        from + (at + 1) * width,
        0,
        count,
        1,
      ])
      return [boxSeries(boxes, colours.series[0] ?? colours.ink)]
    }
    case 'fields': {
      const { across, up } = drawing
      // Some fields have a thousand times the rows of others: their logarithms can be told apart.
      const most = Math.log1p(Math.max(...drawing.fields.map(({ rows }) => rows)))
      const boxes = drawing.fields.map(({ column, row, rows }) => [
        across.from + column * across.width,
        across.from + (column + 1) * across.width,
        up.from + row * up.width,
        up.from + (row + 1) * up.width,
        FAINTEST + (1 - FAINTEST) * (Math.log1p(rows) / most),
      ])
      return [boxSeries(boxes, colours.series[0] ?? colours.ink)]
    }
    case 'bars':
      return [
        {
          type: 'bar',
          barMaxWidth: 36,
          data: drawing.bars.map(({ key, value }) => ({
            value: value ?? '-',
            itemStyle: { color: key === undefined ? colours.quiet : colours.series[0] },
          })),
        },
      ]
    default:
      return drawing satisfies never
  }
}

/** From the least to the greatest of each step, as one area. */
function bandSeries(bands: readonly Band[], line: number, colour: string): object {
  const known = bands.flatMap((band) => {
    const figures = band.lines[line]
    return figures ? [{ x: band.x, ...figures }] : []
  })
  const renderItem: CustomSeriesRenderItem = (_params, api) => ({
    type: 'polygon',
    shape: {
      points: [
        ...known.map(({ x, greatest }) => api.coord([x, greatest])),
        ...known.toReversed().map(({ x, least }) => api.coord([x, least])),
      ],
    },
    style: { fill: colour, opacity: BAND_OPACITY },
  })
  const least = Math.min(...known.map((each) => each.least))
  const greatest = Math.max(...known.map((each) => each.greatest))
  return {
    type: 'custom',
    silent: true,
    tooltip: { show: false },
    renderItem,
    encode: { x: 0, y: [1, 2] },
    data: known.length === 0 ? [] : [[known[0]?.x, least, greatest]],
  }
}

/** Boxes from x to x and y to y, each as strong as its last value says. */
function boxSeries(boxes: readonly (readonly number[])[], colour: string): object {
  const renderItem: CustomSeriesRenderItem = (_params, api) => {
    const [left = 0, bottom = 0] = api.coord([api.value(0), api.value(2)])
    const [right = 0, top = 0] = api.coord([api.value(1), api.value(3)])
    // A pixel between two boxes, as far as they are wide enough.
    const gap = right - left > 4 ? 1 : 0
    return {
      type: 'rect',
      shape: { x: left, y: top, width: Math.max(1, right - left - gap), height: bottom - top },
      style: { fill: colour, opacity: Number(api.value(4)) },
    }
  }
  return { type: 'custom', renderItem, encode: { x: [0, 1], y: [2, 3] }, data: boxes }
}
