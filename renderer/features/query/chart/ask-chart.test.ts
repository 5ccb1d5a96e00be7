import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { Chart } from '#contract/chart.ts'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import { readChunk } from '#contract/chunk/read.ts'
import { PLAIN_LOOK, type Look } from '../look/look.ts'
import { askChart, type Ask, type ChartData } from './ask-chart.ts'
import { firstChart, suits, withKind } from './choose-chart.ts'
import { columnKinds, type ChartColumn } from './column-kinds.ts'

interface Result {
  readonly columns: readonly ChartColumn[]
  readonly ask: Ask
}

/** A finished result as a chart sees it, made by a query. */
function resultOf(query: string): Result {
  const db = new Database(':memory:')
  onTestFinished(() => void db.close())
  db.exec(`CREATE TABLE result AS ${query}`)
  const chunkOf = (sql: string, most: number) => {
    const statement = db.prepare<[], RawValue[]>(sql)
    const builder = buildChunks(statement.columns().length)
    const rows = statement.raw().safeIntegers().all()
    expect(rows.length).toBeLessThanOrEqual(most)
    for (const row of rows) builder.append(row)
    return readChunk(builder.finish())
  }
  const names = db
    .prepare('SELECT * FROM result')
    .columns()
    .map(({ name }) => name)
  return {
    columns: columnKinds(names, [chunkOf('SELECT * FROM result LIMIT 200', 200)]),
    ask: async (sql, most) => chunkOf(sql, most),
  }
}

function draw({ columns, ask }: Result, chart: Chart, look: Look = PLAIN_LOOK): Promise<ChartData> {
  expect(suits(chart, columns)).toBe(true)
  return askChart({ chart, columns, look }, ask)
}

/** Numbers from 1 on. */
const COUNTED = (rows: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})`
const BAR: Chart = { kind: 'bar', x: 'k', y: ['v'], measure: 'sum' }

test.each([
  ["SELECT '2026-01-0' || i AS day, i * 2 AS amount, i AS id FROM n", 'line', 'day', ['amount']],
  ["SELECT 'region ' || i AS region, i * 2 AS amount FROM n", 'bar', 'region', ['amount']],
  ["SELECT i AS id, 'name ' || i AS name FROM n", 'bar', 'name', []],
  ['SELECT i AS hour, i % 3 AS load FROM n', 'line', 'hour', ['load']],
  ['SELECT i % 4 AS a, i % 3 AS b FROM n', 'scatter', 'a', ['b']],
  ['SELECT i AS id, i % 3 AS amount FROM n', 'histogram', 'amount', []],
  ["SELECT i || '.50' AS price FROM n", 'histogram', 'price', []],
])('the first chart of %s is the one that most people would draw', (query, kind, x, y) => {
  const { columns } = resultOf(`${COUNTED(9)} ${query}`)
  expect(firstChart(columns)).toMatchObject({ kind, x, y })
})

test('a result of blobs and NULL has no lines', () => {
  const { columns } = resultOf("SELECT x'00' AS picture, NULL AS empty")
  expect(firstChart(columns)?.kind).toBe('bar')
  expect(firstChart([])).toBeUndefined()
})

test('another kind keeps the columns that suit it', () => {
  const { columns } = resultOf(`${COUNTED(9)} SELECT i % 4 AS a, i % 3 AS b, i % 5 AS c FROM n`)
  const chart: Chart = { kind: 'scatter', x: 'b', y: ['c'], measure: 'sum' }
  expect(withKind(chart, 'line', columns)).toMatchObject({ kind: 'line', x: 'b', y: ['c'] })
  expect(withKind(chart, 'histogram', columns)).toMatchObject({ kind: 'histogram', x: 'b', y: [] })
})

test('few rows are drawn one by one, from left to right', async () => {
  const result = resultOf('SELECT 3 AS a, 30 AS b UNION ALL SELECT 1, 10 UNION ALL SELECT 2, NULL')
  const { drawing, rows, drawn, nulls } = await draw(result, {
    kind: 'line',
    x: 'a',
    y: ['b'],
    measure: 'sum',
  })
  expect(drawing).toEqual({
    kind: 'points',
    points: [
      { x: 1, y: [10] },
      { x: 3, y: [30] },
    ],
  })
  expect({ rows, drawn, nulls }).toEqual({ rows: 3, drawn: 2, nulls: 1 })
})

test('many rows become steps that keep the least and the greatest of each line', async () => {
  const result = resultOf(`${COUNTED(20_000)} SELECT i AS t, iif(i = 777, 1000, i % 10) AS v FROM n`)
  const { drawing, drawn } = await draw(result, { kind: 'line', x: 't', y: ['v'], measure: 'sum' })
  if (drawing.kind !== 'bands') throw new Error(`drawn as ${drawing.kind}`)
  expect(drawn).toBe(20_000)
  expect(drawing.bands.length).toBe(500)
  expect(drawing.bands.reduce((sum, { rows }) => sum + rows, 0)).toBe(20_000)
  expect(Math.max(...drawing.bands.map(({ lines }) => lines[0]?.greatest ?? 0))).toBe(1000)
  expect(drawing.bands[0]?.lines[0]).toMatchObject({ least: 0, greatest: 9 })
})

test('a line over the number of the row needs no other column', async () => {
  const result = resultOf('SELECT 5 AS v UNION ALL SELECT 7')
  const { drawing } = await draw(result, { kind: 'line', x: null, y: ['v'], measure: 'sum' })
  expect(drawing).toEqual({
    kind: 'points',
    points: [
      { x: 1, y: [5] },
      { x: 2, y: [7] },
    ],
  })
})

test('what is NULL, no number or not finite is left out and counted', async () => {
  const result = resultOf(
    `${COUNTED(30)} SELECT CASE i WHEN 21 THEN NULL WHEN 22 THEN 'none' WHEN 23 THEN x'01' WHEN 24 THEN 9e999 WHEN 25 THEN '25.5' WHEN 26 THEN '1-2' ELSE i END AS v FROM n`,
  )
  const { drawing, rows, drawn, nulls } = await draw(result, {
    kind: 'histogram',
    x: 'v',
    y: [],
    measure: 'count',
  })
  expect({ rows, drawn, nulls }).toEqual({ rows: 30, drawn: 25, nulls: 1 })
  expect(drawing.kind === 'bins' && drawing.counts.reduce((sum, count) => sum + count, 0)).toBe(25)
})

test('bins of a histogram begin at numbers that are read easily', async () => {
  const result = resultOf(`${COUNTED(5_000)} SELECT i * 1.0 / 7 AS v FROM n`)
  const { drawing } = await draw(result, { kind: 'histogram', x: 'v', y: [], measure: 'count' })
  if (drawing.kind !== 'bins') throw new Error(`drawn as ${drawing.kind}`)
  expect(drawing.steps).toMatchObject({ from: 0, width: 20 })
  expect(drawing.counts[0]).toBe(139)
})

test('days and times are drawn where they lie, as they are written', async () => {
  const result = resultOf(
    "SELECT '2026-03-01' AS at, 1 AS v UNION ALL SELECT '2026-03-02T12:00:00Z', 2 UNION ALL SELECT '2026-03-03 00:00:00.250+01', 3",
  )
  const { drawing } = await draw(result, { kind: 'line', x: 'at', y: ['v'], measure: 'sum' })
  expect(drawing.kind === 'points' && drawing.points.map(({ x }) => x)).toEqual([
    Date.UTC(2026, 2, 1),
    Date.UTC(2026, 2, 2, 12),
    Date.UTC(2026, 2, 3, 0, 0, 0, 250),
  ])
})

test('the greatest bars stand by themselves, and all others together', async () => {
  const result = resultOf(`${COUNTED(100)} SELECT 'k' || i AS k, i AS v FROM n`)
  const { drawing, rows } = await draw(result, BAR)
  if (drawing.kind !== 'bars') throw new Error(`drawn as ${drawing.kind}`)
  expect(drawing.bars.length).toBe(31)
  expect(drawing.bars[0]).toEqual({ key: 'k100', value: 100, rows: 1 })
  expect(drawing.bars.at(-1)).toEqual({ key: undefined, value: (70 * 71) / 2, rows: 70 })
  expect({ rows, others: drawing.others }).toEqual({ rows: 100, others: 70 })
})

test.each([
  ['count', 70],
  ['average', 35.5],
  ['least', 1],
  ['greatest', 70],
] as const)('the %s of all other bars is that of their rows', async (measure, value) => {
  const result = resultOf(`${COUNTED(100)} SELECT 'k' || i AS k, i AS v FROM n`)
  const { drawing } = await draw(result, { ...BAR, measure })
  const other = drawing.kind === 'bars' ? drawing.bars.at(-1)?.value : undefined
  // All counts are equal, so that the names decide.
  if (measure === 'count') expect(other).toBe(value)
  else expect(other).toBeCloseTo(value)
})

test('NULL has a bar of its own, and bars of numbers stand in their order', async () => {
  const result = resultOf("SELECT 'a' AS k, 1 AS v UNION ALL SELECT NULL, 5 UNION ALL SELECT 'a', NULL")
  const { drawing, nulls } = await draw(result, BAR)
  expect(drawing.kind === 'bars' && drawing.bars.map(({ key }) => key)).toEqual([null, 'a'])
  expect(nulls).toBe(1)
  const years = resultOf('SELECT 2025 AS k, 1 AS v UNION ALL SELECT 2024, 9 UNION ALL SELECT 2026, 5')
  const { drawing: inOrder } = await draw(years, BAR)
  expect(inOrder.kind === 'bars' && inOrder.bars.map(({ key }) => key)).toEqual(['2024', '2025', '2026'])
})

test('many dots become fields of a grid, with the rows that lie in each', async () => {
  const result = resultOf(`${COUNTED(5_000)} SELECT i % 97 AS a, i % 89 AS b FROM n`)
  const { drawing } = await draw(result, { kind: 'scatter', x: 'a', y: ['b'], measure: 'sum' })
  if (drawing.kind !== 'fields') throw new Error(`drawn as ${drawing.kind}`)
  expect(drawing.fields.reduce((sum, { rows }) => sum + rows, 0)).toBe(5_000)
  expect(Math.max(...drawing.fields.map(({ column }) => column))).toBe(39)
})

test('only the rows of the look are drawn', async () => {
  const result = resultOf(`${COUNTED(10)} SELECT i AS a, i AS b FROM n`)
  const look: Look = { ...PLAIN_LOOK, filters: [{ column: 0, test: { kind: 'above', text: '7' } }] }
  const { rows } = await draw(result, { kind: 'scatter', x: 'a', y: ['b'], measure: 'sum' }, look)
  expect(rows).toBe(3)
})

test('one value, or nothing at all, can be drawn', async () => {
  const one = resultOf('SELECT 5 AS v')
  const histogram: Chart = { kind: 'histogram', x: 'v', y: [], measure: 'count' }
  expect((await draw(one, histogram)).drawing).toMatchObject({ kind: 'bins', counts: [1] })
  const look: Look = { ...PLAIN_LOOK, find: 'no such text' }
  expect((await draw(one, histogram, look)).drawing).toEqual({ kind: 'nothing' })
})
