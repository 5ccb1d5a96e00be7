import type { Run, RunState, WaitingReason } from '#contract/run.ts'
import { formatCount } from '../ui/format/number.ts'
import { formatDuration, formatWhen } from '../ui/format/time.ts'
import { t, tCount } from './words.ts'

/** How a run stands, for its colour: never the only sign of it. */
export type Tone = 'quiet' | 'busy' | 'good' | 'warn' | 'bad'

export function toneOf(state: RunState): Tone {
  switch (state.kind) {
    case 'queued':
      return 'quiet'
    case 'running':
      return state.stopping ? 'warn' : 'busy'
    case 'paused':
    case 'interrupted':
      return 'warn'
    case 'done':
      return 'good'
    case 'cancelled':
      return 'warn'
    case 'failed':
    case 'failed-to-spawn':
    case 'killed':
    case 'timed-out':
    case 'dependency-failed':
    case 'lost':
      return 'bad'
    default:
      return state satisfies never
  }
}

/** A state in one or two words, for lists. */
export function stateWord(state: RunState): string {
  switch (state.kind) {
    case 'queued':
      return t('state.queued')
    case 'running':
      return state.stopping ? t('state.stopping') : t('state.running')
    case 'done':
      return t('state.done')
    case 'failed':
      return t('state.failed')
    case 'failed-to-spawn':
      return t('state.failedToSpawn')
    case 'cancelled':
      return t('state.cancelled')
    case 'killed':
      return t('state.killedShort')
    case 'timed-out':
      return t('state.timedOutShort')
    case 'paused':
      return t('state.paused')
    case 'dependency-failed':
      return t('state.dependencyFailedShort')
    case 'interrupted':
      return t('state.interruptedShort')
    case 'lost':
      return t('state.lost')
    default:
      return state satisfies never
  }
}

/** That a command which runs writes nothing, where that is worth a word. */
function silenceSentence(run: Run): string | undefined {
  const silence = run.kind === 'command' ? run.progress.silence : undefined
  switch (silence?.kind) {
    case undefined:
      return undefined
    case 'asks':
      return t('state.asks', { prompt: silence.prompt })
    case 'quiet':
      return t('state.quiet', { when: formatWhen(silence.since) })
    default:
      return silence satisfies never
  }
}

/** A run's state in a sentence: what happened, how long it took, what came of it. */
export function stateSentence(run: Run): string {
  const { state } = run
  switch (state.kind) {
    case 'queued': {
      const [reason] = state.reasons
      return reason ? reasonWords(reason) : t('state.queued')
    }
    case 'running':
      if (state.stopping) return t('state.stopping')
      return silenceSentence(run) ?? (state.adopted ? t('state.adopted') : t('state.running'))
    case 'done':
      return limitedSentence(doneSentence(run, state.durationMs), state.limitedBy)
    case 'failed':
      switch (state.cause.kind) {
        case 'exit':
          return t('state.exit', { duration: formatDuration(state.durationMs), code: state.cause.exitCode })
        case 'error':
          return state.cause.failure.message
        default:
          return state.cause satisfies never
      }
    case 'failed-to-spawn':
      return state.message
    case 'cancelled':
      return cancelledSentence(run, state)
    case 'killed':
      return t('state.killed', {
        duration: formatDuration(state.durationMs),
        signal: signalName(state.signal),
      })
    case 'paused':
      return state.adopted ? t('state.pausedAdopted') : t('state.paused')
    case 'dependency-failed':
      return t('state.dependencyFailed', { run: String(state.run) })
    case 'interrupted':
      return t('state.interruptedStart')
    case 'timed-out':
      if (state.startedAt === undefined)
        return t('state.waitedTooLong', { limit: formatDuration(state.limitMs) })
      return t('state.timedOut', {
        duration: formatDuration(state.durationMs),
        limit: formatDuration(state.limitMs),
      })
    case 'lost':
      return state.message
    default:
      return state satisfies never
  }
}

/** How many rows a query has, or has changed, in words. */
export function rowsWords(rows: number): string {
  return tCount('query.rows', rows, formatCount(rows))
}

/** Says so where a budget has ended a query before its last row. */
function limitedSentence(done: string, limitedBy: 'rows' | 'bytes' | undefined): string {
  if (limitedBy === undefined) return done
  return t(limitedBy === 'rows' ? 'state.limitedRows' : 'state.limitedBytes', { done })
}

function doneSentence(run: Run, durationMs: number): string {
  const duration = formatDuration(durationMs)
  switch (run.kind) {
    case 'command':
      return t('state.exitZero', { duration })
    case 'transfer':
      return t('state.doneRows', { rows: rowsWords(run.progress.rows), duration })
    case 'query': {
      const { columns, rows, changes } = run.progress
      if (columns && columns.length > 0) return t('state.doneRows', { rows: rowsWords(rows), duration })
      if (changes === null) return t('state.doneIn', { duration })
      return t('state.doneRows', { rows: tCount('query.changed', changes, formatCount(changes)), duration })
    }
    default:
      return run satisfies never
  }
}

function cancelledSentence(run: Run, state: Extract<RunState, { kind: 'cancelled' }>): string {
  const duration = formatDuration(state.durationMs)
  const rows = run.kind === 'command' ? '' : rowsWords(run.progress.rows)
  switch (state.how) {
    case 'before-start':
      return t('state.beforeStart')
    case 'between-rows':
      return t('state.betweenRows', { rows })
    case 'interrupted':
      return t('state.interrupted', { rows })
    case 'process-ended':
      return t('state.processEnded', { rows })
    case 'terminated':
      return t('state.terminated', { duration })
    case 'killed':
      return t('state.killedByUs', { duration })
    default:
      return state.how satisfies never
  }
}

/** Why a run waits, in words. */
export function reasonWords(reason: WaitingReason): string {
  switch (reason.kind) {
    case 'hosts-busy':
      return t('state.hostsBusy', { limit: formatCount(reason.limit) })
    case 'starting':
      return t('state.starting')
    case 'held':
      return t('state.held')
    case 'after':
      return dependencyWords(reason)
    case 'after-broken':
      return t('state.afterBroken', { run: String(reason.run) })
    case 'starts-at':
      return t('state.startsAt', { time: formatWhen(reason.at) })
    case 'starts-with':
      return t('state.startsWith', { run: String(reason.run) })
    case 'retry':
      return t('state.retryAt', { attempt: formatCount(reason.attempt), time: formatWhen(reason.at) })
    case 'pool-paused':
      return t('state.poolPaused', { pool: reason.pool })
    case 'pool-full':
      return poolFullWords(reason)
    case 'lock':
      return t(reason.holds ? 'state.lockHeld' : 'state.lockLine', {
        lock: reason.lock,
        run: String(reason.run),
      })
    default:
      return reason satisfies never
  }
}

function poolFullWords({ pool, limit, ahead }: Extract<WaitingReason, { kind: 'pool-full' }>): string {
  const values = { pool, limit: formatCount(limit) }
  if (ahead === undefined) return t('state.poolFull', values)
  return ahead === 0
    ? t('state.poolFullNext', values)
    : t('state.poolFullBehind', { ...values, ahead: formatCount(ahead) })
}

function dependencyWords({ run, on }: Extract<WaitingReason, { kind: 'after' }>): string {
  switch (on) {
    case 'success':
      return t('state.afterSuccess', { run: String(run) })
    case 'failure':
      return t('state.afterFailure', { run: String(run) })
    case 'end':
      return t('state.afterEnd', { run: String(run) })
    default:
      return on satisfies never
  }
}

/** Names of the signals that end programs; the numbers are the same on Linux and macOS. */
const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
}

function signalName(signal: number): string {
  return SIGNAL_NAMES[signal] ?? t('state.signal', { number: signal })
}
