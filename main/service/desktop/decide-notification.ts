import { MAX_TOLD_TEXT, type Notification } from '#contract/desktop.ts'
import { harmlessText } from '#contract/harmless-text.ts'
import { isLook, type CommandRun, type Run, type RunId, type RunState } from '#contract/run.ts'
import { runText } from '#contract/run-text.ts'
import type { NotificationSettings } from '#contract/settings.ts'

/** Something that somebody may want to hear of. */
export type Occasion =
  | { readonly kind: 'ended'; readonly run: Run }
  /** Since milliseconds since 1970. */
  | { readonly kind: 'asks'; readonly run: CommandRun; readonly prompt: string }
  | { readonly kind: 'quiet'; readonly run: CommandRun; readonly quietMs: number }
  | {
      readonly kind: 'batch'
      /** The first of its runs. */
      readonly run: RunId
      readonly done: number
      readonly notDone: number
      readonly tookMs: number
    }

/** What decides beside the occasion itself. */
export interface Circumstances {
  readonly settings: NotificationSettings
  /** A window of Offloop has the focus. */
  readonly focused: boolean
}

/** Decides whether something is told outside the window, and what; undefined for nothing. */
export function decideNotification(
  occasion: Occasion,
  { settings, focused }: Circumstances,
): Notification | undefined {
  const seen = focused && !settings.whenFocused
  const leastMs = settings.minSeconds * 1_000
  switch (occasion.kind) {
    case 'ended': {
      const { run } = occasion
      const end = endOf(run)
      const wish = run.terms?.notify
      if (!end || isLook(run) || wish === 'never') return undefined
      if (wish === 'always') return end
      // Its batch is told as one.
      if (run.terms?.batch) return undefined
      const wanted = end.kind === 'done' ? settings.done : settings.failed
      return !wanted || seen || (end.tookMs ?? 0) < leastMs ? undefined : end
    }
    case 'asks': {
      const { run, prompt } = occasion
      if (!settings.asks || seen || run.terms.notify === 'never') return undefined
      return { kind: 'asks', ...named(run), prompt: harmlessText(prompt, MAX_TOLD_TEXT) }
    }
    case 'quiet': {
      const { run, quietMs } = occasion
      if (!settings.quiet || seen || run.terms.notify === 'never') return undefined
      return { kind: 'quiet', ...named(run), quietMs }
    }
    case 'batch': {
      const { run, done, notDone, tookMs } = occasion
      const wanted = notDone > 0 ? settings.failed : settings.done
      return !wanted || seen || tookMs < leastMs ? undefined : { kind: 'batch', run, done, notDone }
    }
    default:
      return occasion satisfies never
  }
}

/** How a run ended, where that is news: whoever cancels one knows, and another's failure is told by itself. */
function endOf(run: Run): Extract<Notification, { kind: 'done' | 'failed' }> | undefined {
  const { state } = run
  switch (state.kind) {
    case 'done':
      return { kind: 'done', ...named(run), tookMs: state.durationMs }
    case 'failed':
    case 'failed-to-spawn':
    case 'killed':
    case 'timed-out':
    case 'lost':
      return { kind: 'failed', ...named(run), tookMs: tookMs(state), exitCode: exitCode(state) }
    case 'queued':
    case 'running':
    case 'paused':
    case 'cancelled':
    case 'dependency-failed':
    case 'interrupted':
      return undefined
    default:
      return state satisfies never
  }
}

function tookMs(state: RunState): number | null {
  if ('durationMs' in state) return state.durationMs
  return state.kind === 'lost' && state.startedAt !== undefined
    ? Math.max(0, state.endedAt - state.startedAt)
    : null
}

function exitCode(state: RunState): number | null {
  return state.kind === 'failed' && state.cause.kind === 'exit' ? state.cause.exitCode : null
}

function named(run: Run): { run: RunId; text: string } {
  return { run: run.id, text: harmlessText(runText(run.spec), MAX_TOLD_TEXT) }
}
