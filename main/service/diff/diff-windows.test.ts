import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from './diff-keys.ts'
import { diffWindows, type KeySource } from './diff-windows.ts'

function sourceOf(keys: readonly number[]): KeySource {
  let at = 0
  return {
    next(count) {
      const some = Float64Array.from(keys.slice(at, at + count))
      at += some.length
      return Promise.resolve(some)
    },
  }
}

async function diff(
  before: readonly number[],
  after: readonly number[],
  windowKeys: number,
): Promise<Change[]> {
  const changes: Change[] = []
  for await (const part of diffWindows(sourceOf(before), sourceOf(after), windowKeys))
    changes.push(...part.changes)
  return changes
}

test('however small the windows are, the changes turn the one list into the other, in their order and apart', async () => {
  const keys = fc.array(fc.nat({ max: 4 }), { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(keys, keys, fc.integer({ min: 1, max: 20 }), async (before, after, windowKeys) => {
      const made: number[] = []
      let at = 0
      let end = -1
      for (const [from, count, otherFrom, otherCount] of await diff(before, after, windowKeys)) {
        expect(from > end || end < 0 || otherFrom > 0).toBe(true)
        made.push(...before.slice(at, from))
        expect(made.length).toBe(otherFrom)
        made.push(...after.slice(otherFrom, otherFrom + otherCount))
        at = from + count
        end = at
      }
      expect([...made, ...before.slice(at)]).toEqual(after)
    }),
  )
})

test('equal lists have no changes, however many windows they take', async () => {
  const keys = Array.from({ length: 1_000 }, (_, at) => at % 7)
  expect(await diff(keys, keys, 10)).toEqual([])
})

test('lines that were put in are found as such when they fit a window', async () => {
  const before = Array.from({ length: 1_000 }, (_, at) => at)
  const after = [
    ...before.slice(0, 500),
    ...Array.from({ length: 30 }, (_, at) => -at - 1),
    ...before.slice(500),
  ]
  expect(await diff(before, after, 100)).toEqual([[500, 0, 500, 30]])
})
