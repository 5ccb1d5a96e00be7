import { expect, test } from 'vitest'
import { judge } from './figure.ts'
import { table } from './table.ts'

test('a missed goal stays in the table with what was reached', () => {
  const missed = judge({
    bench: 'flood',
    figure: 'speed',
    unit: 'MB/s',
    values: [400, 410, 1200],
    baselines: [500],
    goal: { kind: 'ratio-at-least', ratio: 0.95 },
  })
  const lines = table([missed]).split('\n')
  expect(lines[0]).toMatch(/^\| bench \| figure \| median \| min/)
  expect(lines[2]).toMatch(
    /^\| flood \| speed {2}\| 410 {4}\| 400 \| 1,200 \| MB\/s \| 500 .*\| ratio ≥ 0\.95 \| NO {2}\|$/,
  )
  expect(new Set(lines.map((line) => line.length)).size).toBe(1)
})
