import { expect, test } from 'vitest'
import { diskRates } from './disk-rates.ts'

const sample = (at: number, readBytes: number | null, writtenBytes: number | null) => ({
  at,
  cores: 0,
  memoryBytes: 0,
  readBytes,
  writtenBytes,
  processes: 1,
})

test('a rate is what was read and written since the sample before, in a second', () => {
  const rates = diskRates([sample(1_000, 10, 0), sample(3_000, 30, 20), sample(3_500, 30, 70)])
  expect(rates).toEqual([
    { at: 1_000, value: 0 },
    { at: 3_000, value: 20 },
    { at: 3_500, value: 100 },
  ])
})

test('a count that falls is no rate, and where the system tells nothing there is none', () => {
  expect(diskRates([sample(0, 5, 5), sample(1_000, 4, 5)]).map(({ value }) => value)).toEqual([0, 0])
  expect(diskRates([sample(0, null, null)])).toEqual([])
})
