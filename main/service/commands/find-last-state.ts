import type { RunId, RunState } from '#contract/run.ts'
import type { Platform } from '../platform/platform.ts'
import type { Pumps } from '../pipes/pumps.ts'
import type { RunStore } from '../runs/run-store.ts'
import { adoptedEnd } from './adopted-end.ts'
import { finalState } from './final-state.ts'
import type { BegunCommand, LiveCommand } from './live-command.ts'
import type { LaunchEnd } from './open-launcher.ts'
import { readOutcome, type Outcome } from './outcome.ts'
import { refusalMessage } from './refusal-message.ts'

/** How a command ended, and when its wrapper wrote that down. */
interface EndRecord {
  readonly outcome: Outcome
  readonly endedAt: number
}

/** The record of the end of a command whose watching is over; undefined when nobody has written one. */
export async function findEndRecord(
  { attempt, leader }: BegunCommand,
  end: LaunchEnd | undefined,
  platform: Platform,
  signal: AbortSignal,
): Promise<EndRecord | undefined> {
  const record = end?.kind === 'told' ? end : await readOutcome(attempt.exit)
  if (record || !leader || !(await platform.isAlive(leader))) return record
  // Its wrapper was killed: the command goes on, and can be stopped, but how it ends will not be known.
  await adoptedEnd({ platform, attempt, processes: [leader], signal })
  return readOutcome(attempt.exit)
}

export interface LastStateOptions {
  readonly platform: Platform
  readonly runs: Pick<RunStore, 'get'>
  readonly pipes: Pick<Pumps, 'isInputBroken'>
}

/** The state that a command stays in. @param record undefined when nobody has seen how it ended */
export async function findLastState(
  command: LiveCommand,
  record: EndRecord | undefined,
  { platform, runs, pipes }: LastStateOptions,
): Promise<RunState> {
  const { id, spec, startedAt } = command
  const stopped = await command.stopped
  if (record) {
    const { outcome } = record
    const refusal = outcome.kind === 'refused' ? refusalMessage(spec, outcome, 'command') : ''
    const endedAt = Math.max(record.endedAt, startedAt)
    return asPiped(id, finalState({ outcome, startedAt, endedAt, stopped }, refusal), runs, pipes)
  }
  const endedAt = Math.max(Date.now(), startedAt)
  if (!stopped) return { kind: 'lost', startedAt, endedAt, message: await lostMessage(command, platform) }
  return { kind: 'cancelled', startedAt, endedAt, durationMs: endedAt - startedAt, how: stopped }
}

/** A command that has read less than was written for it, and could not know, has not done what it was to do. */
async function asPiped(
  id: RunId,
  last: RunState,
  runs: LastStateOptions['runs'],
  pipes: LastStateOptions['pipes'],
): Promise<RunState> {
  const run = await runs.get(id)
  if (last.kind !== 'done' || run?.kind !== 'command' || !(await pipes.isInputBroken(run))) return last
  const { startedAt, endedAt, durationMs } = last
  const message =
    'The process that held the buffer before this command was ended from outside, so the command has read less than ' +
    'was written for it. Make the pipe again.'
  const cause = { kind: 'error' as const, failure: { code: 'host-lost' as const, message } }
  return { kind: 'failed', startedAt, endedAt, durationMs, cause }
}

async function lostMessage({ wrapper }: BegunCommand, platform: Platform): Promise<string> {
  if (wrapper && !(await platform.isSameBoot(wrapper)))
    return 'The computer was restarted while this command ran. Its output until then is kept; how it ended is not known.'
  return (
    'The process that watched over this command was ended from outside, so how the command ended cannot be known. ' +
    'Its output is kept.'
  )
}
