import { outlookOf } from '#contract/outlook.ts'
import { looksSecret } from '#contract/environment.ts'
import type { CommandSpec, Run, RunState, WaitingReason } from '#contract/run.ts'
import { EXIT } from '../exit-status.ts'
import { outlookWords } from './outlook-words.ts'

/** As sh(1) says it: a program that is not there. */
const NOT_FOUND = 127
/** As sh(1) says it: this and the number of the signal. */
const BY_SIGNAL = 128

/** In place of such a value. */
const MASK = '***'

/** A run as `--json` shows it. Moments are milliseconds since 1970. */
export function runJson(run: Run, attempts?: readonly { number: number; state: RunState }[]) {
  const { id, kind, createdAt, state, spec, progress } = run
  return {
    id,
    kind,
    state: state.kind,
    exitCode: exitCodeOf(state),
    pid: 'pid' in state ? (state.pid ?? null) : null,
    reasons: state.kind === 'queued' ? state.reasons : [],
    ...(attempts && {
      attempts: attempts.map((one) => ({
        number: one.number,
        state: one.state.kind,
        exitCode: exitCodeOf(one.state),
        ...times(one.state),
      })),
    }),
    createdAt,
    ...times(state),
    detail: state,
    progress,
    estimate: outlookOf(run, Date.now()) ?? null,
    spec: spec.kind === 'command' ? masked(spec) : spec,
    ...(run.terms && { terms: run.terms }),
    ...(run.kind === 'command' && { attempt: run.attempt }),
  }
}

function times(state: RunState): { startedAt: number | null; endedAt: number | null } {
  return {
    startedAt: 'startedAt' in state ? (state.startedAt ?? null) : null,
    endedAt: 'endedAt' in state ? state.endedAt : null,
  }
}

/** The exit code of a command that has one. */
function exitCodeOf(state: RunState): number | null {
  if (state.kind === 'done') return 0
  return state.kind === 'failed' && state.cause.kind === 'exit' ? state.cause.exitCode : null
}

/** Without the values of variables that are secret, or look so. */
export function masked(spec: CommandSpec): CommandSpec {
  const shown = Object.entries(spec.environment).map(([name, value]) => [
    name,
    value !== null && (typeof value !== 'string' || looksSecret(name, value)) ? MASK : value,
  ])
  const { template } = spec
  const values = Object.entries(template?.values ?? {}).map(([name, value]) => [
    name,
    typeof value !== 'string' || looksSecret(name, value) ? MASK : value,
  ])
  return {
    ...spec,
    environment: Object.fromEntries(shown) as CommandSpec['environment'],
    ...(template && {
      template: { ...template, values: Object.fromEntries(values) as typeof template.values },
    }),
  }
}

/** What the command line ends with when it stands for a run: the run's own exit code where it has one. */
export function statusOf(state: RunState): number {
  switch (state.kind) {
    case 'done':
      return EXIT.done
    case 'failed':
      return state.cause.kind === 'exit' ? state.cause.exitCode : EXIT.failed
    case 'failed-to-spawn':
      return NOT_FOUND
    case 'killed':
      return BY_SIGNAL + state.signal
    case 'timed-out':
      return EXIT.timedOut
    case 'queued':
    case 'running':
    case 'paused':
    case 'cancelled':
    case 'dependency-failed':
    case 'interrupted':
    case 'lost':
      return EXIT.failed
    default:
      return state satisfies never
  }
}

/** As `stateWords`, with how far the run is. */
export function standWords(run: Run): string {
  const outlook = outlookOf(run, Date.now())
  return outlook ? `${stateWords(run.state)}, ${outlookWords(outlook)}` : stateWords(run.state)
}

/** How a run stands, in words for a person: with the reasons for which it waits, or what came of it. */
export function stateWords(state: RunState): string {
  switch (state.kind) {
    case 'queued':
      return `queued: ${state.reasons.map(reasonWords).join(', ')}`
    case 'running':
      return state.stopping ? 'stopping' : 'running'
    case 'paused':
    case 'done':
    case 'interrupted':
      return state.kind
    case 'failed':
      return state.cause.kind === 'exit'
        ? `failed with exit code ${state.cause.exitCode}`
        : `failed: ${state.cause.failure.message}`
    case 'failed-to-spawn':
      return `could not be started: ${state.message}`
    case 'cancelled':
      return `cancelled (${state.how})`
    case 'killed':
      return `killed by signal ${state.signal}`
    case 'timed-out':
      return state.startedAt === undefined ? 'waited too long' : 'timed out'
    case 'dependency-failed':
      return `not started: run ${state.run} did not end as it must`
    case 'lost':
      return `lost: ${state.message}`
    default:
      return state satisfies never
  }
}

/** Why a run waits, in words for a person. */
export function reasonWords(reason: WaitingReason): string {
  switch (reason.kind) {
    case 'hosts-busy':
      return `all ${reason.limit} connections are busy`
    case 'starting':
      return 'starting'
    case 'held':
      return 'held'
    case 'after':
      return `after ${reason.on} of run ${reason.run}`
    case 'after-broken':
      return `run ${reason.run} did not end as it must, and the pool is paused`
    case 'starts-at':
      return `starts at ${new Date(reason.at).toISOString()}`
    case 'starts-with':
      return `starts with run ${reason.run}`
    case 'retry':
      return `attempt ${reason.attempt} at ${new Date(reason.at).toISOString()}`
    case 'pool-paused':
      return `pool ${reason.pool} is paused`
    case 'pool-full':
      return `pool ${reason.pool} runs ${reason.limit}${aheadWords(reason.ahead)}`
    case 'lock':
      return `lock ${reason.lock}: run ${reason.run} ${reason.holds ? 'has it' : 'is before it'}`
    default:
      return reason satisfies never
  }
}

function aheadWords(ahead: number | undefined): string {
  if (ahead === undefined) return ''
  return ahead === 0 ? ' (it is the next)' : ` (${ahead} before it)`
}

/** A command, as one line. */
export function commandText({ command }: CommandSpec): string {
  return command.kind === 'shell' ? command.line : [command.program, ...command.args].join(' ')
}

/** What a run runs, as one line. */
export function whatOf({ spec }: Run): string {
  if (spec.kind === 'query') return spec.sql
  if (spec.kind === 'command') return commandText(spec)
  const { transfer } = spec
  switch (transfer.kind) {
    case 'export':
      return `export to ${transfer.file}`
    case 'import':
      return `import of ${transfer.file}`
    case 'feed':
      return transfer.sql
    case 'load':
      return `into table ${transfer.table}`
    default:
      return transfer satisfies never
  }
}
