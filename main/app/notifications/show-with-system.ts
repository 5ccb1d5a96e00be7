import { Notification } from 'electron'
import type { ShowNotification } from './tell-notifications.ts'

/** Shown until the person has clicked or closed them: one that nobody holds is forgotten, and its click with it. */
const held = new Set<Notification>()
/** More than that nobody clicks any more; some systems never say that one has gone. */
const MOST_HELD = 50

/** Shows a notification with the system's own means; nothing where there are none. */
export const showWithSystem: ShowNotification = ({ title, body }, onClick) => {
  if (!Notification.isSupported()) return
  const shown = new Notification({ title, body: process.platform === 'linux' ? withoutMarkup(body) : body })
  const letGo = (): void => void held.delete(shown)
  for (const oldest of [...held].slice(0, Math.max(0, held.size - MOST_HELD))) held.delete(oldest)
  held.add(shown)
  shown.on('click', () => {
    letGo()
    onClick()
  })
  shown.on('close', letGo)
  shown.show()
}

/** Servers of the freedesktop specification may read the body as markup; what looks the same is text everywhere. */
function withoutMarkup(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›').replaceAll('&', '＆')
}
