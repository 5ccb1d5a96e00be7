import { diffKeys, type Change } from './diff-keys.ts'

/** Of a list that is read from its beginning to its end. */
export interface KeySource {
  /** The next keys, fewer than asked for only at the end. */
  next(count: number): Promise<Float64Array>
}

/**
 * Compares lists of any length with a bounded memory: so many keys of both at once, then from the last place on at which they
 * were the same. What is further apart is not found to be the same.
 * @param windowKeys of each list at once.
 */
export async function* diffWindows(
  before: KeySource,
  after: KeySource,
  windowKeys: number,
): AsyncGenerator<{ readonly changes: readonly Change[]; readonly before: number; readonly after: number }> {
  let [left, right] = [new Float64Array(0), new Float64Array(0)]
  let [at, otherAt] = [0, 0]
  let open: Change | undefined
  for (;;) {
    left = await filled(left, before, windowKeys)
    right = await filled(right, after, windowKeys)
    const isLast = left.length < windowKeys && right.length < windowKeys
    const found = diffKeys(left, right)
    const [end, otherEnd] = isLast ? [left.length, right.length] : cut(found, left.length, right.length)
    const changes: Change[] = []
    for (const [from, count, otherFrom, otherCount] of found) {
      if (from >= end && otherFrom >= otherEnd && !isLast) break
      const change: Change = [at + from, count, otherAt + otherFrom, otherCount]
      // One that reaches to the end of a window may go on in the next.
      if (open && open[0] + open[1] === change[0] && open[2] + open[3] === change[2])
        open = [open[0], open[1] + change[1], open[2], open[3] + change[3]]
      else {
        if (open) changes.push(open)
        open = change
      }
    }
    left = left.slice(end)
    right = right.slice(otherEnd)
    at += end
    otherAt += otherEnd
    if (isLast && open) changes.push(open)
    yield { changes, before: at, after: otherAt }
    if (isLast) return
  }
}

async function filled(
  have: Float64Array,
  source: KeySource,
  wanted: number,
): Promise<Float64Array<ArrayBuffer>> {
  const more = await source.next(wanted - have.length)
  const all = new Float64Array(have.length + more.length)
  all.set(have)
  all.set(more, have.length)
  return all
}

/** Where a window may be ended: behind the last keys that are the same, if they are in its second half; else at its end. */
function cut(changes: readonly Change[], length: number, otherLength: number): readonly [number, number] {
  const last = changes.at(-1)
  if (!last) return [Math.min(length, otherLength), Math.min(length, otherLength)]
  const [from, count, otherFrom, otherCount] = last
  const reachesEnd = from + count === length && otherFrom + otherCount === otherLength
  if (!reachesEnd) return [length, otherLength]
  return Math.max(from, otherFrom) * 2 > Math.min(length, otherLength)
    ? [from, otherFrom]
    : [length, otherLength]
}
