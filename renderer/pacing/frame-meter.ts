import { shallowRef } from 'vue'
import { z } from 'zod'
import { makeFrameRing, type Frames, type SlowFrame } from './frames.ts'

/** The span that the status bar speaks of. */
const SHOWN_SPAN_MS = 60_000
/** How often the shown figure is worked out again. */
const REFRESH_MS = 1_000
/** Two frames of a 60 Hz screen: a person begins to see it. */
const SLOW_FRAME_MS = 33
/** Slow frames whose blame is kept; more would say nothing new. */
const KEPT_SLOW_FRAMES = 200

/** The longest frame of the last minute in milliseconds. */
export const longestFrameMs = shallowRef(0)

const ring = makeFrameRing()
const slowFrames: SlowFrame[] = []

/**
 * Measures every frame of the page: the time between two calls of `requestAnimationFrame`. It pauses while the page is
 * hidden, when the browser stops drawing on purpose.
 */
export const frameMeter: Frames & { start(): void } = {
  mark: () => performance.now(),
  longestMs: (sinceMark) => ring.longestMs(sinceMark),
  longerThan: (boundMs, sinceMark) => ring.longerThan(boundMs, sinceMark),
  slow: (sinceMark) => slowFrames.filter(({ endedAtMs }) => endedAtMs >= sinceMark),
  start() {
    let previous: number | undefined
    const onFrame = (): void => {
      const now = performance.now()
      if (previous !== undefined) ring.add({ endedAtMs: now, durationMs: now - previous })
      previous = now
      if (!document.hidden) requestAnimationFrame(onFrame)
    }
    document.addEventListener('visibilitychange', () => {
      previous = undefined
      if (!document.hidden) requestAnimationFrame(onFrame)
    })
    if (!document.hidden) requestAnimationFrame(onFrame)

    setInterval(() => {
      longestFrameMs.value = ring.longestMs(performance.now() - SHOWN_SPAN_MS)
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
      slowFrames.push({ endedAtMs: entry.startTime + entry.duration, durationMs: entry.duration, blamed })
      if (slowFrames.length > KEPT_SLOW_FRAMES) slowFrames.shift()
    }
  }).observe({ type: 'long-animation-frame' })
}
