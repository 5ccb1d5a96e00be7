import { expect, it } from 'vitest'
import { decideRestart } from './restart-policy.ts'

const MINUTE_MS = 60_000

it('a process that ends twice in five minutes is restarted both times, the third time it is not', () => {
  const first = decideRestart([], 0)
  expect(first.restart).toBe(true)
  const second = decideRestart(first.ends, 2 * MINUTE_MS)
  expect(second.restart).toBe(true)
  expect(decideRestart(second.ends, 4 * MINUTE_MS).restart).toBe(false)
})

it('ends that are older than five minutes are forgotten', () => {
  let ends: readonly number[] = []
  for (let n = 0; n < 50; n++) {
    const decision = decideRestart(ends, n * 3 * MINUTE_MS)
    expect(decision.restart).toBe(true)
    ends = decision.ends
  }
  expect(ends.length).toBeLessThanOrEqual(2)
})
