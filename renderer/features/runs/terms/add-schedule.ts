import type { ScheduleContent } from '#contract/schedule.ts'
import { runCommand } from '../../../commands/registry.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { t } from '../../../messages/words.ts'
import { formatWhen } from '../../../ui/format/time.ts'
import { showDone, showError } from '../../../ui/toasts.ts'

/** Runs a command again and again from now on and shows the schedules, or says why it cannot be done. */
export async function addSchedule(content: ScheduleContent): Promise<void> {
  try {
    const { nextAt } = await askService('schedule.add', content)
    showDone(t('terms.scheduled', { time: formatWhen(nextAt ?? Date.now()) }))
    runCommand('runs.schedules')
  } catch (error) {
    showError(t('schedules.failed'), messageOf(error))
  }
}
