import { createHeap } from './heap.ts'

/** One moment by both clocks. */
export interface Now {
  /** Milliseconds since 1970, UTC; it may jump. */
  readonly wall: number
  /** Milliseconds by a clock that never jumps, and that nobody else knows the beginning of. */
  readonly mono: number
}

/** Something that is to happen at a moment of one of the clocks, once. */
export interface Due<T> {
  readonly clock: keyof Now
  readonly at: number
  readonly what: T
}

/** What is due in time. */
export interface Dues<T> {
  add(due: Due<T>): Due<T>
  delete(due: Due<T>): void
  /** Takes the next that is due; undefined when nothing is. */
  take(now: Now): T | undefined
  /** The next moment of each clock. */
  next(): { readonly wall: number | undefined; readonly mono: number | undefined }
}

/** Makes an empty list of what is due; equal moments keep the order in which they were added. */
export function createDues<T>(): Dues<T> {
  let added = 0
  const order = new WeakMap<Due<T>, number>()
  const before = (a: Due<T>, b: Due<T>): boolean =>
    a.at === b.at ? (order.get(a) ?? 0) < (order.get(b) ?? 0) : a.at < b.at
  const heaps = { wall: createHeap(before), mono: createHeap(before) }

  return {
    add(due) {
      order.set(due, added++)
      heaps[due.clock].add(due)
      return due
    },
    delete(due) {
      heaps[due.clock].delete(due)
    },
    take(now) {
      for (const clock of ['mono', 'wall'] as const) {
        const first = heaps[clock].first()
        if (!first || first.at > now[clock]) continue
        heaps[clock].delete(first)
        return first.what
      }
      return undefined
    },
    next: () => ({ wall: heaps.wall.first()?.at, mono: heaps.mono.first()?.at }),
  }
}
