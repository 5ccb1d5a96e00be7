/** A frame, by the clock of `performance.now()`. */
export interface Frame {
  readonly endedAtMs: number
  readonly durationMs: number
}

/** What is known about how long frames took. */
export interface Frames {
  /** Now, to be handed to `longestMs` later. */
  mark(): number
  /** The longest frame that ended since a mark (milliseconds), 0 when there was none. */
  longestMs(sinceMark: number): number
  /** Frames that took longer than a bound since a mark, latest first. */
  longerThan(boundMs: number, sinceMark: number): readonly Frame[]
  /** The frames over 33 ms since a mark, with the scripts that the browser blames for them. */
  slow(sinceMark: number): readonly SlowFrame[]
}

/** A frame in which the browser itself saw long work. */
export interface SlowFrame extends Frame {
  readonly blamed: readonly string[]
}

/** Ten minutes at 60 frames a second: as far back as a test or a person looks. 0.6 MB. */
const KEPT_FRAMES = 36_000

/** A ring of the latest frames. */
export interface FrameRing {
  add(frame: Frame): void
  longestMs(sinceMs: number): number
  longerThan(boundMs: number, sinceMs: number): Frame[]
}

/** @param capacity how many frames are kept; the oldest is forgotten first. */
export function makeFrameRing(capacity: number = KEPT_FRAMES): FrameRing {
  const endedAt = new Float64Array(capacity)
  const duration = new Float64Array(capacity)
  let next = 0
  let size = 0

  function* latestFirst(sinceMs: number): Generator<Frame, void, undefined> {
    for (let back = 1; back <= size; back += 1) {
      const at = (next - back + capacity) % capacity
      const endedAtMs = endedAt[at] ?? 0
      if (endedAtMs < sinceMs) return
      yield { endedAtMs, durationMs: duration[at] ?? 0 }
    }
  }

  return {
    add({ endedAtMs, durationMs }) {
      endedAt[next] = endedAtMs
      duration[next] = durationMs
      next = (next + 1) % capacity
      size = Math.min(size + 1, capacity)
    },
    longestMs(sinceMs) {
      let longest = 0
      for (const { durationMs } of latestFirst(sinceMs)) longest = Math.max(longest, durationMs)
      return longest
    },
    longerThan: (boundMs, sinceMs) =>
      [...latestFirst(sinceMs)].filter(({ durationMs }) => durationMs > boundMs),
  }
}
