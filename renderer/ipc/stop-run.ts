import { isFinal, type RunId } from '#contract/run.ts'
import { t } from '../messages/words.ts'
import { showError } from '../ui/toasts.ts'
import { askService } from './ask.ts'
import { messageOf } from './message-of.ts'

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
