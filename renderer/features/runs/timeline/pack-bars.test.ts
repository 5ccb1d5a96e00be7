import { expect, test } from 'vitest'
import { packBars } from './pack-bars.ts'

const bar = (run: number, lane: string, from: number, to: number) => ({
  run,
  lane,
  from,
  to,
  state: 'done' as const,
})

test('runs that overlap stand below each other, and a row is used again when it is free', () => {
  const lanes = packBars([bar(1, 'b', 0, 10), bar(2, 'b', 5, 8), bar(3, 'a', 5, 9), bar(4, 'b', 8, 12)])
  expect(lanes.map(({ lane, rows }) => [lane, rows.map((row) => row.map(({ run }) => run))])).toEqual([
    ['a', [[3]]],
    ['b', [[1], [2, 4]]],
  ])
})
