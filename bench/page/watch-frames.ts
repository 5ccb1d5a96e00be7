/** What the page's frames were like over a stretch of time. */
export interface FrameReport {
  /** The longest time between two frames, in milliseconds. */
  readonly longestMs: number
  readonly frames: number
  /** Tasks over 50 ms that the browser itself saw, in milliseconds. */
  readonly longTasksMs: readonly number[]
}

/** The browser's clock gives tenths of a millisecond; what a difference of two has beyond them is not time. */
const CLOCK_STEPS_PER_MS = 10

/** Measures every frame from now until it is stopped. */
export interface FrameWatch {
  stop(): FrameReport
}

/**
 * Takes the time that the browser gives to `requestAnimationFrame`: the beginning of the frame. It differs by whole
 * frames only, so that one dropped frame shows as two frames' time and not as jitter of a callback.
 */
export function watchFrames(): FrameWatch {
  let previous: number | undefined
  let longestMs = 0
  let frames = 0
  let request = requestAnimationFrame(onFrame)
  const longTasksMs: number[] = []
  const keep = (entries: PerformanceEntryList): void => {
    for (const { duration } of entries) longTasksMs.push(duration)
  }
  const observer = new PerformanceObserver((list) => keep(list.getEntries()))
  observer.observe({ type: 'longtask' })

  function onFrame(beganAt: number): void {
    if (previous !== undefined) {
      frames += 1
      longestMs = Math.max(longestMs, beganAt - previous)
    }
    previous = beganAt
    request = requestAnimationFrame(onFrame)
  }
  return {
    stop() {
      cancelAnimationFrame(request)
      keep(observer.takeRecords())
      observer.disconnect()
      const inSteps = Math.round(longestMs * CLOCK_STEPS_PER_MS) / CLOCK_STEPS_PER_MS
      return { longestMs: inSteps, frames, longTasksMs }
    },
  }
}
