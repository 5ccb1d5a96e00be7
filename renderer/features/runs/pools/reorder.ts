import type { RunId } from '#contract/run.ts'

/** A run in the line of a pool. */
export interface Place {
  readonly id: RunId
  readonly priority: number
}

/** A priority that is to change. */
export type PriorityChange = Place

/** Whether one starts before another: the higher priority first, then the lower number. */
function startsBefore(a: Place, b: Place): boolean {
  return a.priority === b.priority ? a.id < b.id : a.priority > b.priority
}

/**
 * The fewest priorities that have to change for a run to stand elsewhere in its line, with the others in their order.
 * @param line in the order in which it starts
 * @param from the place of the run that moves
 * @param to the place that it gets, counted without it
 */
export function reorder(line: readonly Place[], from: number, to: number): readonly PriorityChange[] {
  const moved = line[from]
  if (!moved || from === to) return []
  const others = line.toSpliced(from, 1)
  const ahead = others[to - 1]
  const behind = others[to]
  const between = [
    ahead?.priority,
    ahead && ahead.priority - 1,
    behind?.priority,
    behind && behind.priority + 1,
  ]
  const fitting = between.find((priority) => {
    if (priority === undefined) return false
    const placed = { id: moved.id, priority }
    return (!ahead || startsBefore(ahead, placed)) && (!behind || startsBefore(placed, behind))
  })
  if (fitting !== undefined) return [{ id: moved.id, priority: fitting }]

  // There is no number between the two: whoever is ahead makes room.
  const changes: PriorityChange[] = []
  let below: Place = { id: moved.id, priority: (behind?.priority ?? 0) + 1 }
  changes.push(below)
  for (const other of others.slice(0, to).reverse()) {
    if (startsBefore(other, below)) break
    const raised = { id: other.id, priority: below.priority + (other.id < below.id ? 0 : 1) }
    changes.push(raised)
    below = raised
  }
  return changes
}
