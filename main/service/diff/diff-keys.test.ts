import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffKeys, type Change } from './diff-keys.ts'

/** What the changes make of the one list, taking only what they say is new from the other. */
function applied(before: readonly number[], after: readonly number[], changes: readonly Change[]): number[] {
  const made: number[] = []
  let at = 0
  for (const [from, count, otherFrom, otherCount] of changes) {
    made.push(...before.slice(at, from))
    expect(made.length).toBe(otherFrom)
    made.push(...after.slice(otherFrom, otherFrom + otherCount))
    at = from + count
  }
  return [...made, ...before.slice(at)]
}

const cost = (changes: readonly Change[]): number =>
  changes.reduce((sum, [, gone, , come]) => sum + gone + come, 0)

/** The fewest lines that are removed and added, by the table that everybody can check. */
function fewest(before: readonly number[], after: readonly number[]): number {
  let row = Array.from({ length: after.length + 1 }, () => 0)
  for (const key of before) {
    const next = [0]
    after.forEach((other, at) =>
      next.push(key === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0)),
    )
    row = next
  }
  return before.length + after.length - 2 * (row.at(-1) ?? 0)
}

const keys = fc.array(fc.nat({ max: 5 }), { maxLength: 40 })
const diff = (before: readonly number[], after: readonly number[]): Change[] =>
  diffKeys(Float64Array.from(before), Float64Array.from(after))

test('the changes turn the one list into the other, and there are no fewer that do', () => {
  fc.assert(
    fc.property(keys, keys, (before, after) => {
      const changes = diff(before, after)
      expect(applied(before, after, changes)).toEqual(after)
      expect(cost(changes)).toBe(fewest(before, after))
    }),
  )
})

test('lists that differ in thousands of places are cut where both have the same line once', () => {
  const before = Array.from({ length: 30_000 }, (_, at) => (at % 3 === 0 ? at : at % 7))
  const after = before.map((key, at) => (at % 5 === 1 ? -at - 1 : key))
  const changes = diff(before, after)
  expect(applied(before, after, changes)).toEqual(after)
  expect(cost(changes)).toBe(2 * 6_000)
})

test('lists that have nothing in common are one change, however long they are', () => {
  const before = Array.from({ length: 200_000 }, (_, at) => at)
  const after = Array.from({ length: 200_000 }, (_, at) => -at - 1)
  expect(diff(before, after)).toEqual([[0, 200_000, 0, 200_000]])
})
