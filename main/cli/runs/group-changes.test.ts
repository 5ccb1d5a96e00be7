import { expect, test } from 'vitest'
import type { OutputChange } from '#contract/output-diff.ts'
import { groupChanges } from './group-changes.ts'

async function groups(changes: readonly OutputChange[], context: number) {
  async function* given(): AsyncGenerator<OutputChange> {
    yield* await Promise.resolve(changes)
  }
  const found = []
  const lengths = () => Promise.resolve({ before: 100, after: 101 })
  for await (const { before, after } of groupChanges(given(), context, lengths))
    found.push([before.from, before.count, after.from, after.count])
  return found
}

test('changes whose surroundings touch are shown together, and no lines beyond the beginning and the end', async () => {
  const near: OutputChange[] = [
    [1, 1, 1, 1],
    [8, 0, 8, 1],
  ]
  expect(await groups(near, 3)).toEqual([[0, 11, 0, 12]])
  expect(await groups(near, 2)).toEqual([
    [0, 4, 0, 4],
    [6, 4, 6, 5],
  ])
  expect(await groups([[99, 1, 99, 2]], 3)).toEqual([[96, 4, 96, 5]])
  expect(await groups([], 3)).toEqual([])
})
