import type { CommandRun, Run, RunId, RunState } from '#contract/run.ts'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import type { Commands } from '../commands/open-commands.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Now } from './dues.ts'
import type { SchedulerEvent } from './events.ts'
import type { lookUpDependencies } from './look-up-dependencies.ts'
import type { SchedulerState } from './state.ts'

export interface RestoreParts {
  readonly state: Pick<SchedulerState, 'pools'>
  readonly store: RunStore
  readonly commands: Pick<Commands, 'reconcile'>
  readonly dependencies: Pick<ReturnType<typeof lookUpDependencies>, 'stillThere' | 'follow'>
  readonly clock: () => Now
  readonly happen: (event: SchedulerEvent) => void
  /** To be told of a query or transfer before its turn can come. */
  readonly expect: (id: RunId) => void
  /** Has a run that waits say why. */
  readonly tellReasons: (id: RunId) => void
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** Takes up the runs that an earlier service has left: what may be alive first, since it has its places already. */
export async function restoreRuns(parts: RestoreParts): Promise<void> {
  const { state, store, commands, dependencies, clock, happen, expect, tellReasons, onTrouble } = parts

  /** A pool that is not there any more is no reason to forget a run. */
  const withPool = (terms: RunTerms): RunTerms =>
    state.pools.has(terms.pool) ? terms : { ...terms, pool: DEFAULT_TERMS.pool }

  const left = await store.unfinished()
  const begun = left.filter((one): one is CommandRun => one.kind === 'command' && hasBegun(one.state))
  for (const { id, terms, attempt, state: at } of begun) {
    const startedAt = at.kind === 'running' || at.kind === 'paused' ? at.startedAt : clock().wall
    const paused = at.kind === 'paused'
    const stopping = at.kind === 'running' && at.stopping
    happen({ kind: 'adopt', id, terms: withPool(terms), attempt, startedAt, paused, stopping })
  }
  await Promise.all(
    begun.map((one) =>
      commands
        .reconcile(one)
        .catch((error: unknown) => onTrouble(`Run ${one.id} could not be taken over.`, error)),
    ),
  )
  for (const one of left) {
    if (!one.terms || hasBegun(one.state)) continue
    const { id, createdAt } = one
    const attempt = one.kind === 'command' ? one.attempt : 1
    const terms = withPool(one.terms)
    if (one.kind !== 'command') expect(id)
    const askedAt = store.steppedAt(id) ?? createdAt
    const retryAt = attempt > terms.firstAttempt ? retryMoment(one.state, askedAt) : undefined
    // What a retry came after was waited for before its first attempt.
    const after = retryAt === undefined ? await dependencies.stillThere(terms.after) : []
    await dependencies.follow(after, async (latest) => {
      happen({ kind: 'add', id, terms, attempt, after: latest(), askedAt, retryAt })
    })
    tellReasons(id)
  }
}

/** Whether a query or transfer that a service has left has surely not begun, and can without its asker. */
export function waitsForItself({ terms, state }: Run): boolean {
  return terms !== undefined && terms.forAsker !== true && !hasBegun(state)
}

/** Whether a process may exist for a run: its start was at least intended, or had come to waiting for a host. */
export function hasBegun(state: RunState): boolean {
  if (state.kind !== 'queued') return true
  const [first, ...others] = state.reasons
  return others.length === 0 && (first?.kind === 'starting' || first?.kind === 'hosts-busy')
}

/** When the pause before another attempt is over, by the wall clock. @param otherwise when the disk names no moment. */
function retryMoment(state: RunState, otherwise: number): number {
  const reasons = state.kind === 'queued' ? state.reasons : []
  return reasons.find((reason) => reason.kind === 'retry')?.at ?? otherwise
}
