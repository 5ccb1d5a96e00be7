import type { PipeRequest } from '#contract/pipe.ts'
import type { CommandSpec, Run } from '#contract/run.ts'
import type { AskedTerms } from '#contract/terms.ts'
import { askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

/** Starts a command, or says why it cannot be started. @returns the run; undefined when there is none. */
export async function startCommand(spec: CommandSpec, terms?: AskedTerms): Promise<Run | undefined> {
  try {
    return await askService('command.run', { ...spec, ...(terms && { terms }) })
  } catch (error) {
    showError(t('runs.startFailed'), messageOf(error))
    return undefined
  }
}

/** Makes a pipe, or says why it cannot be made. @returns the run at a place in it; undefined when there is none. */
export async function startPipe({
  request,
  at,
}: {
  readonly request: PipeRequest
  readonly at: number
}): Promise<Run | undefined> {
  try {
    const { runs } = await askService('pipe.run', request)
    return runs[at]
  } catch (error) {
    showError(t('runs.startFailed'), messageOf(error))
    return undefined
  }
}
