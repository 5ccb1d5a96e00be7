import { stat } from 'node:fs/promises'
import type { CommandRun, RunState } from '#contract/run.ts'
import type { Platform } from '../platform/platform.ts'
import type { Attempt } from './attempt.ts'
import { claimUnstarted, commandRecord } from './claim-unstarted.ts'
import type { BegunCommand } from './live-command.ts'
import { readOutcome, type Outcome } from './outcome.ts'
import { refusalMessage } from './refusal-message.ts'

/** What became of a command that an earlier service has left. */
export type LeftCommand =
  /** It never ran, or nobody can know: its last state. */
  | { readonly kind: 'over'; readonly last: RunState }
  | {
      readonly kind: 'begun'
      readonly command: BegunCommand
      /** How it ended, when it has. */
      readonly outcome: Outcome | undefined
      /** It is alive, so this service watches over it from now on. */
      readonly adopted: boolean
    }

/** Looks at the records and the processes of an attempt. One that never began will not begin any more after this. */
export async function findLeftCommand(
  { id, spec, state, attempt: number }: CommandRun,
  attempt: Attempt,
  platform: Platform,
): Promise<LeftCommand> {
  const wrapper = await claimUnstarted(attempt)
  if (!wrapper) {
    const endedAt = Date.now()
    if (state.kind === 'queued') return { kind: 'over', last: { kind: 'interrupted', endedAt } }
    const message = `The records of this command in "${attempt.folder}" are gone, so what became of it cannot be known.`
    return { kind: 'over', last: { kind: 'lost', endedAt, message } }
  }
  const leader = await commandRecord(attempt, () => platform.isAlive(wrapper))
  const record = await readOutcome(attempt.exit)
  if (record?.outcome.kind === 'refused' && state.kind === 'queued') {
    const message = refusalMessage(spec, record.outcome, 'command')
    return { kind: 'over', last: { kind: 'failed-to-spawn', endedAt: Date.now(), message } }
  }
  const alive = await Promise.all(processesOf({ wrapper, leader }).map((one) => platform.isAlive(one)))
  const startedAt =
    state.kind === 'running' || state.kind === 'paused'
      ? state.startedAt
      : await writtenAt(leader ? attempt.command : attempt.wrapper)
  return {
    kind: 'begun',
    command: { id, spec, number, attempt, startedAt, wrapper, leader },
    outcome: record?.outcome,
    adopted: !record && alive.includes(true),
  }
}

/** Those of a command's own processes that are known. */
export function processesOf({ wrapper, leader }: Pick<BegunCommand, 'wrapper' | 'leader'>) {
  return [wrapper, leader].filter((identity) => identity !== undefined)
}

async function writtenAt(path: string): Promise<number> {
  return Math.round((await stat(path)).mtimeMs)
}
