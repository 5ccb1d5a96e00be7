import { expect, test } from 'vitest'
import { reorder, type Place } from './reorder.ts'

/** The line after the changes, in the order in which a pool starts it. */
function after(line: readonly Place[], from: number, to: number): number[] {
  const changed = new Map(reorder(line, from, to).map(({ id, priority }) => [id, priority]))
  return line
    .map(({ id, priority }) => ({ id, priority: changed.get(id) ?? priority }))
    .sort((a, b) => b.priority - a.priority || a.id - b.id)
    .map(({ id }) => id)
}

test('a run stands where it was dropped, whatever the priorities are, and the others keep their order', () => {
  const lines: Place[][] = [
    [1, 2, 3, 4, 5].map((id) => ({ id, priority: 0 })),
    [5, 4, 3, 2, 1].map((id) => ({ id, priority: id })),
    [
      { id: 9, priority: 3 },
      { id: 2, priority: 1 },
      { id: 7, priority: 1 },
      { id: 1, priority: 0 },
      { id: 8, priority: 0 },
    ],
  ]
  for (const line of lines) {
    for (let from = 0; from < line.length; from += 1) {
      for (let to = 0; to < line.length; to += 1) {
        const ids = line.map(({ id }) => id)
        const [moved = 0] = ids.splice(from, 1)
        expect(after(line, from, to)).toEqual(ids.toSpliced(to, 0, moved))
      }
    }
  }
})

test('only the run itself changes where there is a number for it', () => {
  const line = [1, 2, 3].map((id) => ({ id, priority: 0 }))
  expect(reorder(line, 2, 0)).toEqual([{ id: 3, priority: 1 }])
  expect(reorder(line, 0, 2)).toEqual([{ id: 1, priority: -1 }])
})
