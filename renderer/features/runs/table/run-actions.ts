import { isFinal, type Run, type RunId } from '#contract/run.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'

/** What can be done to several runs at once. */
export type RunAction =
  | 'cancel'
  | 'kill'
  | 'pause'
  | 'resume'
  | 'hold'
  | 'release'
  | 'raise'
  | 'lower'
  | 'restart'
  | 'again'
  | 'delete'

/** In the order of the menu. */
export const RUN_ACTIONS: readonly RunAction[] = [
  'cancel',
  'kill',
  'pause',
  'resume',
  'hold',
  'release',
  'raise',
  'lower',
  'restart',
  'again',
  'delete',
]

/** By how much a priority is raised or lowered. */
const PRIORITY_STEP = 1
/** Requests that are open at once. Stopping is answered when the work has ended, which takes seconds for some. */
const AT_ONCE = 200

/** Whether an action means something for a run as it is now. */
export function applies(action: RunAction, run: Run): boolean {
  const { state } = run
  switch (action) {
    case 'cancel':
      return !isFinal(state)
    case 'kill':
      return run.kind === 'command' && !isFinal(state) && state.kind !== 'queued'
    case 'pause':
      return run.kind === 'command' && state.kind === 'running' && !state.stopping
    case 'resume':
      return state.kind === 'paused'
    case 'hold':
      return state.kind === 'queued' && run.terms?.held === false
    case 'release':
      return state.kind === 'queued' && run.terms?.held === true
    case 'raise':
    case 'lower':
      return state.kind === 'queued' && run.terms !== undefined
    case 'restart':
    case 'again':
      return run.kind === 'command' && isFinal(state)
    case 'delete':
      return isFinal(state)
    default:
      return action satisfies never
  }
}

/** How an action on several runs went. */
export interface ActionReport {
  readonly done: number
  readonly failed: number
  /** Why the first of those that failed did. */
  readonly because: string
}

/** Does it to every run for which it means something; one that fails keeps no other from it. */
export async function perform(action: RunAction, runs: readonly Run[]): Promise<ActionReport> {
  const left = runs.filter((run) => applies(action, run))
  let done = 0
  let failed = 0
  let because = ''
  async function work(): Promise<void> {
    for (let run = left.shift(); run; run = left.shift()) {
      try {
        await performOn(action, run)
        done += 1
      } catch (error) {
        because ||= messageOf(error)
        failed += 1
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, left.length) }, work))
  return { done, failed, because }
}

function performOn(action: RunAction, run: Run): Promise<unknown> {
  const { id } = run
  switch (action) {
    case 'cancel':
      return askService('run.cancel', { id })
    case 'kill':
      return askService('run.kill', { id })
    case 'pause':
    case 'hold':
      return askService('run.pause', { id })
    case 'resume':
    case 'release':
      return askService('run.resume', { id })
    case 'raise':
      return askService('run.edit', { id, terms: { priority: priorityOf(run) + PRIORITY_STEP } })
    case 'lower':
      return askService('run.edit', { id, terms: { priority: priorityOf(run) - PRIORITY_STEP } })
    case 'restart':
      return askService('run.restart', { id, as: 'in-place' })
    case 'again':
      return askService('run.restart', { id, as: 'as-new' })
    case 'delete':
      return askService('run.delete', { id })
    default:
      return action satisfies never
  }
}

function priorityOf(run: Run): number {
  return run.terms?.priority ?? 0
}

/**
 * Runs commands again as one batch, in the order given.
 * @throws RequestFailed when one cannot be added; those before it were.
 */
export async function runAsBatch(
  ids: readonly RunId[],
  onFailure: 'go-on' | 'stop',
): Promise<readonly Run[]> {
  const runs = await Promise.all(ids.map((id) => askService('run.get', { id })))
  const commands = runs.flatMap((run) => {
    if (run.kind !== 'command') return []
    const { pool, priority, locks, runLimitMs, retries } = run.terms
    const limits = { ...(runLimitMs !== undefined && { runLimitMs }), ...(retries && { retries }) }
    return [{ ...run.spec, environmentOf: run.id, terms: { pool, priority, locks, ...limits } }]
  })
  return (await askService('batch.run', { commands, onFailure })).runs
}
