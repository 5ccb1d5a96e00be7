import { expect, test } from 'vitest'
import { lanesOf, locksOf } from './lanes.ts'
import { openCore } from './scheduler-fixture.ts'

test('a lane has its runs and its line in the order in which they start', () => {
  const core = openCore()
  core.pool('builds', 1)
  const [running, low, high, other] = [0, 0, 5, 0].map(
    (priority) => core.add({ pool: 'builds', priority }).id,
  )
  core.add()
  const lanes = lanesOf(core.state)
  expect(lanes.map(({ name }) => name)).toEqual(['default', 'builds'])
  expect(lanes[1]).toMatchObject({ queued: 3, running: 1, runs: [running], line: [high, low, other] })
})

test('of a long line the beginning is told, however it came', () => {
  const core = openCore()
  core.pool('builds', 1)
  core.add({ pool: 'builds' })
  const ids = Array.from({ length: 100 }, (_, n) => core.add({ pool: 'builds', priority: n }).id)
  const lane = lanesOf(core.state)[1]
  expect(lane?.queued).toBe(100)
  expect(lane?.line).toEqual(ids.toReversed().slice(0, 30))
})

test('a lock has its holder, and those who want it by arrival', () => {
  const core = openCore()
  const [holder, second, third] = [1, 2, 3].map(() => core.add({ locks: ['gpu'] }).id)
  core.add({ locks: ['gpu'], held: true })
  expect(locksOf(core.state)).toEqual([{ name: 'gpu', holder, line: [second, third], waiting: 2 }])
  core.end(holder ?? 0)
  expect(locksOf(core.state)).toEqual([{ name: 'gpu', holder: second, line: [third], waiting: 1 }])
})
