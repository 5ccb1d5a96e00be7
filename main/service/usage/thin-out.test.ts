import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UsageSample } from '#contract/usage.ts'
import { thinOut } from './thin-out.ts'

const sample = (at: number, cores = 1, memoryBytes = 0): UsageSample => ({
  at,
  cores,
  memoryBytes,
  readBytes: at,
  writtenBytes: null,
  processes: 1,
})

test('few samples stay as they are', () => {
  const thinned = thinOut(4)
  const samples = [sample(1_000, 0), sample(2_000, 0.5, 7), sample(3_000, 2, 3)]
  for (const each of samples) thinned.add(each)
  expect(thinned.samples).toEqual(samples)
})

test('of many there are as few as asked, and none of the work, the peak or the end is lost', () => {
  const values = fc.array(fc.record({ cores: fc.integer({ min: 0, max: 8 }), memory: fc.nat(1_000) }), {
    minLength: 1,
    maxLength: 300,
  })
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 20 }), (drawn, points) => {
      const samples = drawn.map(({ cores, memory }, index) =>
        sample((index + 1) * 1_000, index === 0 ? 0 : cores, memory),
      )
      const thinned = thinOut(points)
      for (const each of samples) thinned.add(each)
      const { samples: kept } = thinned
      expect(kept.length).toBeLessThanOrEqual(points)
      expect(kept.length).toBeGreaterThanOrEqual(Math.min(samples.length, Math.floor(points / 2)))
      expect(kept.at(-1)).toMatchObject({ at: samples.at(-1)?.at, readBytes: samples.at(-1)?.at })
      expect(Math.max(...kept.map(({ memoryBytes }) => memoryBytes))).toBe(
        Math.max(...samples.map(({ memoryBytes }) => memoryBytes)),
      )
      const work = (all: readonly UsageSample[]): number =>
        all.reduce((sum, { at, cores }, index) => sum + cores * (at - (all[index - 1]?.at ?? 1_000)), 0)
      expect(work(kept)).toBeCloseTo(work(samples), 3)
    }),
  )
})
