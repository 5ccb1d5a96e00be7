import { dialog, type MessageBoxOptions } from 'electron'
import type { LeavingAnswer } from '#contract/app.ts'
import { countAlive, type Work } from '#contract/desktop.ts'
import { messages } from '../messages.ts'

const CHOICES = ['background', 'leave', 'stop', null] as const

/** Asks what becomes of the runs with the system's own dialog, for when no page can. */
export async function askWithDialog(
  window: Electron.BrowserWindow | undefined,
  work: Work,
): Promise<LeavingAnswer> {
  const words = messages()
  const stay = CHOICES.indexOf(null)
  const options: MessageBoxOptions = {
    type: 'question',
    message: words.stillAtWork(countAlive(work)),
    detail: words.stillAtWorkDetail,
    buttons: [words.keepInBackground, words.leaveRunning, words.stopAndQuit, words.stay],
    defaultId: 0,
    cancelId: stay,
    noLink: true,
    checkboxLabel: words.rememberLeaving,
    checkboxChecked: false,
  }
  const { response, checkboxChecked } = await (window
    ? dialog.showMessageBox(window, options)
    : dialog.showMessageBox(options))
  return { choice: CHOICES[response] ?? null, remember: checkboxChecked }
}
