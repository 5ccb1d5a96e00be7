import { shallowRef } from 'vue'
import { z } from 'zod'
import { makeFrameRing, type Frame, type Frames, type SlowFrame } from './frames.ts'

/** The span that the status bar speaks of. */
const SHOWN_SPAN_MS = 60_000
/** How often the shown figure is worked out again. */
const REFRESH_MS = 1_000
/** Two frames of a 60 Hz screen: a person begins to see it. */
const SLOW_FRAME_MS = 33
/** How long frames are measured after something has moved (milliseconds), before it is looked whether anything still does. */
const MEASURED_MS = 500
/** What moves the page without changing its elements. */
const MOVING_EVENTS = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'scroll'] as const
/** Slow frames whose blame is kept; more would say nothing new. */
const KEPT_SLOW_FRAMES = 200

/** The longest frame of the last minute in milliseconds. */
export const longestFrameMs = shallowRef(0)

const ring = makeFrameRing()
const slowFrames: SlowFrame[] = []
/** Long frames that the browser told of, and that fell into a time without measuring. */
const unmeasured: Frame[] = []
/** The latest time in which frames were measured; the first one, in which the window is drawn at all, does not count as a frame. */
let measuredFrom = 0
let measuredTo = Infinity

const since =
  (mark: number) =>
  ({ endedAtMs }: Frame): boolean =>
    endedAtMs >= mark
function longestMs(mark: number): number {
  const told = unmeasured.filter(since(mark)).map(({ durationMs }) => durationMs)
  return Math.max(ring.longestMs(mark), ...told)
}

/**
 * Measures the frames of the page: the time between two calls of `requestAnimationFrame`. It rests while nothing moves, because
 * asking for frames keeps a processor busy, and while the page is hidden, when the browser stops drawing on purpose. What takes
 * longer than 50 ms is told by the browser itself, also of a page that rests.
 */
export const frameMeter: Frames & { start(): void } = {
  mark: () => performance.now(),
  longestMs,
  longerThan: (boundMs, mark) => [
    ...ring.longerThan(boundMs, mark),
    ...unmeasured.filter(since(mark)).filter(({ durationMs }) => durationMs > boundMs),
  ],
  slow: (mark) => slowFrames.filter(since(mark)),
  start() {
    const changes = new MutationObserver(measure)
    let measuring = false
    let previous: number | undefined

    function measure(): void {
      if (measuring || document.hidden) return
      measuring = true
      changes.disconnect()
      measuredFrom = performance.now()
      measuredTo = Infinity
      previous = measuredFrom
      requestAnimationFrame(onFrame)
    }
    function onFrame(): void {
      const now = performance.now()
      if (previous !== undefined) ring.add({ endedAtMs: now, durationMs: now - previous })
      previous = now
      if (now - measuredFrom < MEASURED_MS) requestAnimationFrame(onFrame)
      else rest()
    }
    function rest(): void {
      measuring = false
      measuredTo = performance.now()
      changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
    }

    for (const name of MOVING_EVENTS)
      document.addEventListener(name, measure, { capture: true, passive: true })
    document.addEventListener('visibilitychange', () => (previous = undefined))
    requestAnimationFrame(() => {
      if (!measuring) rest()
    })

    setInterval(() => {
      longestFrameMs.value = longestMs(performance.now() - SHOWN_SPAN_MS)
    }, REFRESH_MS)
    observeSlowFrames()
  },
}

/** The part of a long animation frame that names scripts; TypeScript's own types do not know it yet. */
const longFrame = z.object({
  scripts: z.array(z.object({ invoker: z.string(), sourceFunctionName: z.string(), duration: z.number() })),
})

function observeSlowFrames(): void {
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.duration < SLOW_FRAME_MS) continue
      const parsed = longFrame.safeParse(entry)
      const scripts = parsed.success ? parsed.data.scripts : []
      const blamed = scripts.map((script) => `${script.sourceFunctionName} in ${script.invoker}`)
      const frame = { endedAtMs: entry.startTime + entry.duration, durationMs: entry.duration }
      keep(slowFrames, { ...frame, blamed })
      if (entry.startTime < measuredFrom || entry.startTime > measuredTo) keep(unmeasured, frame)
    }
  }).observe({ type: 'long-animation-frame' })
}

function keep<F extends Frame>(frames: F[], frame: F): void {
  frames.push(frame)
  if (frames.length > KEPT_SLOW_FRAMES) frames.shift()
}
