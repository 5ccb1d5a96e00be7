import type { Notification } from '#contract/desktop.ts'
import type { Opening } from '#contract/opening.ts'
import { notificationWords, type NotificationWords } from './notification-words.ts'

/** Shows a notification; `onClick` is called when the person wants to know more. */
export type ShowNotification = (words: NotificationWords, onClick: () => void) => void

/** Tells what the service has decided to tell. @param open shows the window, and in it what is asked for. */
export function tellNotification(
  told: Notification,
  show: ShowNotification,
  open: (wanted: readonly Opening[]) => void,
): void {
  const wanted: Opening[] = told.kind === 'more' ? [] : [{ kind: 'run', id: told.run }]
  show(notificationWords(told), () => open(wanted))
}
