import { isFinal, type CommandSpec, type Run, type RunId } from '#contract/run.ts'
import { askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

/** Starts a command, or says why it cannot be started. @returns the run; undefined when there is none. */
export async function startCommand(spec: CommandSpec): Promise<Run | undefined> {
  try {
    return await askService('command.run', spec)
  } catch (error) {
    showError(t('runs.startFailed'), messageOf(error))
    return undefined
  }
}

/** Stops a run and waits until its work has really ended, or says why it cannot be stopped. */
export async function stopRun(id: RunId): Promise<void> {
  try {
    await askService('run.cancel', { id })
  } catch (error) {
    const run = await askService('run.get', { id }).catch(() => undefined)
    // It ended by itself just before.
    if (run && isFinal(run.state)) return
    showError(t('runs.stopFailed'), messageOf(error))
  }
}
