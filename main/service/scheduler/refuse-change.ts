import { isFinal, type CommandRun, type CommandSpec, type Run, type RunId } from '#contract/run.ts'
import { waitingTerms, type AskedTerms, type RunTerms } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'
import { given } from './given.ts'

/** The run with its terms. @throws RequestFailed `not-found`, and `invalid-params` for one that stands in no pool */
export function inPool(id: RunId, run: Run | undefined): Run & { readonly terms: RunTerms } {
  if (!run) throw failed('not-found', `There is no run ${id}.`)
  const { terms } = run
  if (terms) return { ...run, terms }
  throw failed(
    'invalid-params',
    `Run ${id} is a ${run.kind} that stands in no pool, so it cannot be changed like this. It can be cancelled.`,
  )
}

/** The run as a command. @throws RequestFailed `invalid-params` */
export function asCommand(run: Run): CommandRun {
  if (run.kind === 'command') return run
  throw failed(
    'invalid-params',
    `Run ${run.id} is a ${run.kind}: only commands can be paused while they run, or be restarted. Cancel it, or run it anew.`,
  )
}

/** @param hasEnded for the scheduler, too. @throws RequestFailed `invalid-params` when a run cannot be restarted */
export async function refuseRestart(
  run: CommandRun,
  hasEnded: boolean,
  leftovers: (run: CommandRun) => Promise<boolean>,
): Promise<void> {
  const { id } = run
  if (!isFinal(run.state) || !hasEnded)
    throw failed('invalid-params', `Run ${id} has not ended. Cancel it before you restart it.`)
  if (run.terms.pipe)
    throw failed(
      'invalid-params',
      `Run ${id} was part of a pipe, and what went through that is gone. Make the pipe again.`,
    )
  if (await leftovers(run))
    throw failed(
      'invalid-params',
      `Processes of run ${id} are still alive, so it is not restarted. End them first.`,
    )
}

/** @throws RequestFailed `invalid-params` when a run cannot get such terms */
export function refuseEdit(run: Run, spec: CommandSpec | undefined, asked: AskedTerms): void {
  if (run.kind !== 'command' && (spec || !waitingTerms.strict().safeParse(given(asked)).success))
    throw failed(
      'invalid-params',
      `Run ${run.id} is a ${run.kind}: of it only the pool, priority, locks, start and what it comes after can be changed.`,
    )
  if (run.terms?.pipe && asked.retries)
    throw failed(
      'invalid-params',
      `Run ${run.id} is part of a pipe, and cannot be tried again: what went through the pipe is gone then.`,
    )
}

/**
 * @param waiting another run that comes after it, if there is one.
 * @throws RequestFailed `not-found`, `invalid-params` when a run cannot be taken out of the history
 */
export function refuseDelete(id: RunId, run: Run | undefined, waiting: RunId | undefined): void {
  if (!run) throw failed('not-found', `There is no run ${id}.`)
  if (!isFinal(run.state))
    throw failed('invalid-params', `Run ${id} has not ended. Cancel it before you delete it.`)
  if (waiting !== undefined)
    throw failed(
      'invalid-params',
      `Run ${waiting} comes after run ${id}, so that cannot be deleted. Edit or cancel run ${waiting} first.`,
    )
}
