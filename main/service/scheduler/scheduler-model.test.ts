import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openWorld, programs } from './scheduler-model-fixture.ts'

/** Seconds on a slow machine; the seed of a failure is printed. */
const PROGRAMS = 400

test('whatever happens in whatever order, nothing starts twice or too soon, stays behind, or waits for an untrue reason', () => {
  fc.assert(
    fc.property(programs, (steps) => {
      const world = openWorld()
      for (const step of steps) world.take(step)
      expect(world.settle()).toEqual([])
      expect(world.leftovers()).toBe(0)
    }),
    { numRuns: PROGRAMS },
  )
})
