/** A stretch of the one list, from and how many, that became a stretch of the other. */
export type Change = readonly [before: number, beforeCount: number, after: number, afterCount: number]

/**
 * The most differences that are searched for exactly. The search takes a step for each pair of them, so a million; beyond
 * that lines which are there once in both lists say where to cut.
 */
const MAX_EXACT = 1_000

/** A part of both lists. */
interface Block {
  readonly from: number
  readonly to: number
  readonly otherFrom: number
  readonly otherTo: number
}

/**
 * How one list of keys becomes another: by the fewest changes, as E. Myers found them in "An O(ND) Difference Algorithm and
 * Its Variations" (1986), where there are not more than a thousand in a row; else between the keys that both have once, in
 * their longest common order ("patience"). Where nothing of that is there, the whole part is one change.
 */
export function diffKeys(before: Float64Array, after: Float64Array): Change[] {
  const changes: Change[] = []
  const left: Block[] = [{ from: 0, to: before.length, otherFrom: 0, otherTo: after.length }]
  for (let block = left.pop(); block; block = left.pop()) {
    const { from, to, otherFrom, otherTo } = trimmed(before, after, block)
    const [count, otherCount] = [to - from, otherTo - otherFrom]
    if (count === 0 && otherCount === 0) continue
    const part = before.subarray(from, to)
    const other = after.subarray(otherFrom, otherTo)
    const exact = count > 0 && otherCount > 0 ? shortest(part, other) : undefined
    if (exact) {
      for (const [at, removed, otherAt, added] of exact)
        add(changes, [from + at, removed, otherFrom + otherAt, added])
      continue
    }
    const anchors = count > 0 && otherCount > 0 ? commonOnce(part, other) : []
    if (anchors.length === 0) {
      add(changes, [from, count, otherFrom, otherCount])
      continue
    }
    // The last one is looked at first: what is put on last is taken next, so that changes come in their order.
    let end = { at: count, other: otherCount }
    for (const anchor of anchors.toReversed()) {
      const begin = { from: from + anchor.at + 1, otherFrom: otherFrom + anchor.other + 1 }
      left.push({ ...begin, to: from + end.at, otherTo: otherFrom + end.other })
      end = anchor
    }
    left.push({ from, to: from + end.at, otherFrom, otherTo: otherFrom + end.other })
  }
  return changes
}

/** Changes that touch are one. */
function add(changes: Change[], change: Change): void {
  const last = changes.at(-1)
  if (last && last[0] + last[1] === change[0] && last[2] + last[3] === change[2])
    changes[changes.length - 1] = [last[0], last[1] + change[1], last[2], last[3] + change[3]]
  else changes.push(change)
}

/** Without what is the same at its beginning and its end. */
function trimmed(before: Float64Array, after: Float64Array, { from, to, otherFrom, otherTo }: Block): Block {
  while (from < to && otherFrom < otherTo && before[from] === after[otherFrom]) {
    from += 1
    otherFrom += 1
  }
  while (from < to && otherFrom < otherTo && before[to - 1] === after[otherTo - 1]) {
    to -= 1
    otherTo -= 1
  }
  return { from, to, otherFrom, otherTo }
}

/** The fewest changes; undefined when there are more than MAX_EXACT. */
function shortest(before: Float64Array, after: Float64Array): Change[] | undefined {
  const most = Math.min(MAX_EXACT, before.length + after.length)
  // How far each diagonal has come, by its number and `most + 1`.
  const reach = new Int32Array(2 * most + 3)
  const steps: Int32Array[] = []
  for (let edits = 0; edits <= most; edits++) {
    // Of the step before, the diagonals from -edits to edits.
    steps.push(reach.slice(most + 1 - edits, most + 2 + edits))
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const place = most + 1 + diagonal
      const below = reach[place - 1] ?? 0
      const above = reach[place + 1] ?? 0
      const down = diagonal === -edits || (diagonal !== edits && below < above)
      let at = down ? above : below + 1
      while (at < before.length && at - diagonal < after.length && before[at] === after[at - diagonal])
        at += 1
      reach[place] = at
      if (at >= before.length && at - diagonal >= after.length)
        return backtrack(steps, before.length, after.length)
    }
  }
  return undefined
}

/** Walks back from the end, by what each step had reached. */
function backtrack(steps: readonly Int32Array[], beforeLength: number, afterLength: number): Change[] {
  const found: Change[] = []
  let at = beforeLength
  let other = afterLength
  for (let edits = steps.length - 1; edits > 0; edits--) {
    const reach = steps[edits]
    const diagonal = at - other
    const of = (number: number): number => reach?.[number + edits] ?? 0
    const down = diagonal === -edits || (diagonal !== edits && of(diagonal - 1) < of(diagonal + 1))
    const from = down ? diagonal + 1 : diagonal - 1
    at = of(from)
    other = at - from
    found.push(down ? [at, 0, other, 1] : [at, 1, other, 0])
  }
  const changes: Change[] = []
  for (const change of found.reverse()) add(changes, change)
  return changes
}

interface Anchor {
  readonly at: number
  readonly other: number
}

/** The keys that are once in each list, as many of them as are in the same order in both. */
function commonOnce(before: Float64Array, after: Float64Array): Anchor[] {
  const places = placesOfOnce(before)
  const others = placesOfOnce(after)
  const anchors: Anchor[] = []
  for (const [key, at] of places) {
    const other = at < 0 ? undefined : others.get(key)
    if (other !== undefined && other >= 0) anchors.push({ at, other })
  }
  anchors.sort((one, two) => one.at - two.at)
  return longestRising(anchors)
}

/** Where the keys are that are there once; -1 for the others. */
function placesOfOnce(keys: Float64Array): Map<number, number> {
  const places = new Map<number, number>()
  keys.forEach((key, at) => places.set(key, places.has(key) ? -1 : at))
  return places
}

/** The longest rising subsequence by patience sorting. */
function longestRising(anchors: readonly Anchor[]): Anchor[] {
  const tops: number[] = []
  const before = new Int32Array(anchors.length).fill(-1)
  anchors.forEach(({ other }, index) => {
    let low = 0
    let high = tops.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((anchors[tops[middle] ?? 0]?.other ?? 0) < other) low = middle + 1
      else high = middle
    }
    before[index] = tops[low - 1] ?? -1
    tops[low] = index
  })
  const rising: Anchor[] = []
  for (let index = tops.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const anchor = anchors[index]
    if (anchor) rising.push(anchor)
  }
  return rising.reverse()
}
