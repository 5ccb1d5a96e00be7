import { isFinal, type CommandRun, type Run, type RunId } from '#contract/run.ts'
import type { AskedTerms } from '#contract/terms.ts'
import { failed } from '#kit/request-failed.ts'

/** The run as a command, which alone waits in pools. @throws RequestFailed `not-found`, `invalid-params` */
export function asCommand(id: RunId, run: Run | undefined): CommandRun {
  if (!run) throw failed('not-found', `There is no run ${id}.`)
  if (run.kind === 'command') return run
  throw failed(
    'invalid-params',
    `Run ${id} is a ${run.kind}; only commands wait in pools and can be changed like this.`,
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
export function refuseEdit(run: CommandRun, asked: AskedTerms): void {
  if (run.terms.pipe && asked.retries)
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
