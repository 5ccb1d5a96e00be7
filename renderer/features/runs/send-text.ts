import type { RunId } from '#contract/run.ts'
import { MAX_SEND_BYTES } from '#contract/scheduler.ts'
import { askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

/**
 * Sends a text to the standard input of a command, or says why that cannot be.
 * @param end close it after the text.
 * @returns whether it was taken.
 */
export async function sendText(id: RunId, text: string, end = false): Promise<boolean> {
  const bytes = new TextEncoder().encode(text)
  try {
    for (let from = 0; from < bytes.length; from += MAX_SEND_BYTES)
      await askService('input.send', { id, bytes: bytes.slice(from, from + MAX_SEND_BYTES), end: false })
    if (end) await askService('input.send', { id, bytes: new Uint8Array(0), end })
    return true
  } catch (error) {
    showError(t('runs.sendFailed'), messageOf(error))
    return false
  }
}
