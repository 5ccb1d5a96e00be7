import type { Silence } from '#contract/run.ts'
import { looksAsking, promptIn } from './prompt-in.ts'

/** A command that has written a prompt waits for an answer; one that goes on soon has only not ended its line. Milliseconds. */
const FIRST_LOOK_MS = 1_500
/** Each further look at a line that has not been ended comes twice as late, and none later than this. */
const LAST_LOOK_MS = 60_000

export interface SilenceOptions {
  /** The end of the output. */
  readonly latest: () => string
  /** After how long without output a command counts as quiet, in milliseconds; undefined for never. */
  readonly quietAfterMs: () => number | undefined
  /** Whether it waits for input; undefined where that is not known. */
  readonly awaitsInput: () => Promise<boolean | undefined>
  /** Whether somebody could answer it. */
  readonly canBeAnswered: boolean
  /** It is paused: that it writes nothing means nothing. */
  readonly isPaused: () => boolean
  readonly onChanged: () => void
  readonly onTrouble: (error: unknown) => void
  readonly firstLookMs?: number
}

/** Tells when one command writes nothing. Costs a timer, whatever it writes. */
export interface SilenceWatch {
  readonly silence: Silence | undefined
  /** It has written something, or was sent something. */
  stirred(): void
  close(): void
}

/** Begins with a command that has just been started. */
export function watchSilence(options: SilenceOptions): SilenceWatch {
  const { firstLookMs = FIRST_LOOK_MS } = options
  let since = Date.now()
  let movedAt = performance.now()
  let silence: Silence | undefined
  let quietTimer: NodeJS.Timeout | undefined
  let lookTimer: NodeJS.Timeout | undefined
  let closed = false

  function awaitQuiet(): void {
    const limit = options.quietAfterMs()
    if (limit === undefined || closed) return
    // Set once for each stretch, and not for each line: what was written meanwhile only makes it wait again.
    quietTimer = setTimeout(
      () => {
        quietTimer = undefined
        const passed = performance.now() - movedAt
        if (passed + 1 < limit || options.isPaused()) return awaitQuiet()
        if (silence) return
        silence = { kind: 'quiet', since }
        options.onChanged()
      },
      Math.max(0, nextLook(limit)),
    )
    quietTimer.unref()
  }

  function nextLook(limit: number): number {
    const left = limit - (performance.now() - movedAt)
    return left > 0 ? left : limit
  }

  function awaitPrompt(ms: number): void {
    if (!options.canBeAnswered || closed) return
    lookTimer = setTimeout(() => {
      look(ms).catch(options.onTrouble)
    }, ms)
    lookTimer.unref()
  }

  async function look(ms: number): Promise<void> {
    const prompt = promptIn(options.latest())
    if (prompt === undefined) return
    const moved = movedAt
    const awaits = options.isPaused() ? false : await options.awaitsInput()
    if (closed || moved !== movedAt) return
    if (!(awaits ?? looksAsking(prompt))) return awaitPrompt(Math.min(2 * ms, LAST_LOOK_MS))
    silence = { kind: 'asks', since, prompt }
    options.onChanged()
  }

  awaitQuiet()
  return {
    get silence() {
      return silence
    },
    stirred() {
      since = Date.now()
      movedAt = performance.now()
      clearTimeout(lookTimer)
      awaitPrompt(firstLookMs)
      // One that was quiet already waits anew.
      if (!quietTimer) awaitQuiet()
      if (!silence) return
      silence = undefined
      options.onChanged()
    },
    close() {
      closed = true
      clearTimeout(quietTimer)
      clearTimeout(lookTimer)
    },
  }
}
