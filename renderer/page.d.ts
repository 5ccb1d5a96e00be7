import type { OffloopBridge } from '#contract/session-ports.ts'
import type { Frames } from './pacing/frames.ts'

declare global {
  interface Window {
    /** What the preload script gives the page. */
    readonly offloop?: OffloopBridge
    /** How long frames took; read by the tests and the benchmarks. */
    offloopFrames?: Frames
  }
}
