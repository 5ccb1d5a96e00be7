import { shallowRef } from 'vue'
import type { AppContract, LeavingAnswer } from '#contract/app.ts'
import type { ItemOf } from '#contract/channel.ts'
import { askApp } from '../../ipc/ask.ts'
import { follow } from '../../ipc/follow.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { appSession } from '../../ipc/sessions.ts'
import { t } from '../../messages/words.ts'
import { showError } from '../../ui/toasts.ts'

type LeavingQuestion = ItemOf<AppContract, 'leaving.ask'>

/** What the person is being asked; undefined while nobody leaves. */
export const leavingQuestion = shallowRef<LeavingQuestion>()

/** Takes questions from main, for as long as the page lives. @returns ends it. */
export function followLeaving(): () => void {
  return follow(appSession, {
    open: (client, signal) => client.stream('leaving.ask', {}, { signal }),
    onItem: (item) => void take(item),
  })
}

async function take(item: LeavingQuestion): Promise<void> {
  try {
    const { wanted } = await askApp('leaving.seen', { question: item.question })
    // Else main has asked by itself meanwhile.
    if (wanted) leavingQuestion.value = item
  } catch (error) {
    showError(t('workbench.closeWindow'), messageOf(error))
  }
}

/** Answers the question on the screen. */
export async function answerLeaving(answer: LeavingAnswer): Promise<void> {
  const { value: asked } = leavingQuestion
  leavingQuestion.value = undefined
  if (!asked) return
  try {
    await askApp('leaving.answer', { question: asked.question, ...answer })
  } catch (error) {
    showError(t('workbench.closeWindow'), messageOf(error))
  }
}
