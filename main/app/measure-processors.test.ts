import { expect, test } from 'vitest'
import { measureProcessors } from './measure-processors.ts'

test('a process has used what came since the last reading, one that is new or gone has none', () => {
  let now = 5_000
  let used = new Map([
    [10, 3],
    [11, 40],
  ])
  const meter = measureProcessors(
    () => used,
    () => now,
  )
  expect(meter.read()).toEqual(new Map())

  now += 2_000
  used = new Map([
    [10, 4],
    [12, 7],
  ])
  expect(meter.read()).toEqual(new Map([[10, 0.5]]))

  now += 500
  used = new Map([
    [10, 5],
    // Another process that got the number of the one before.
    [12, 1],
  ])
  expect(meter.read()).toEqual(
    new Map([
      [10, 2],
      [12, 0],
    ]),
  )
  // Asked twice in one moment, nobody can tell.
  expect(meter.read()).toEqual(new Map())
})
