import { join } from 'node:path'
import { app, Menu, nativeImage, Tray } from 'electron'
import type { Opening } from '#contract/opening.ts'
import type { DesktopFeed } from '../desktop/follow-desktop.ts'
import { messages } from '../messages.ts'
import type { Places } from '../places.ts'
import { drawCount } from './draw-count.ts'
import { trayMenu, type TrayAction, type TrayItem } from './tray-menu.ts'

/** How often the tray is drawn anew at most, in milliseconds: its menu is sent over the session's bus. */
const DRAW_MS = 1_000

export interface TrayOptions {
  readonly places: Places
  readonly feed: DesktopFeed
  /** Shows the window, and in it what is asked for. */
  readonly show: (wanted: readonly Opening[]) => void
  readonly log: (line: string, cause?: unknown) => void
}

/** Shows in the tray what is at work, with a way back to the window. Without a display there is none. */
export function showTray({ places, feed, show, log }: TrayOptions): void {
  if (app.commandLine.getSwitchValue('ozone-platform') === 'headless') return
  // The size that most trays show on most screens; the others scale it.
  const plain = nativeImage.createFromPath(join(places.resources, 'icons', 'png', '32x32.png'))
  const size = plain.getSize()
  const bitmap = { ...size, pixels: plain.toBitmap() }
  const tray = new Tray(plain)
  let drawn = ''
  let timer: NodeJS.Timeout | undefined

  function draw(): void {
    timer = undefined
    const { work, paused } = feed.latest
    const running = work.commands + work.others
    const items = trayMenu(work, paused)
    const now = JSON.stringify([running, items])
    if (now === drawn) return
    drawn = now
    tray.setToolTip(messages().tray.atWork(running, work.waiting))
    if (process.platform === 'darwin') tray.setTitle(running > 0 ? String(running) : '')
    else tray.setImage(nativeImage.createFromBitmap(drawCount(bitmap, running).pixels, size))
    tray.setContextMenu(menuOf(items))
  }

  function menuOf(items: readonly TrayItem[]): Electron.Menu {
    return Menu.buildFromTemplate(
      items.map((item) => {
        if (item.kind === 'line') return { type: 'separator' }
        const { label, action } = item
        return action ? { label, click: () => act(action) } : { label, enabled: false }
      }),
    )
  }

  function act(action: TrayAction): void {
    switch (action.kind) {
      case 'show':
        return show([])
      case 'run':
        return show([{ kind: 'run', id: action.id }])
      case 'pools':
        feed.client
          ?.call('pools.change', { how: action.how })
          .catch((error: unknown) => log('The pools could not be changed.', error))
        return
      case 'quit':
        return app.quit()
      default:
        action satisfies never
    }
  }

  tray.on('click', () => show([]))
  feed.onChanged(() => (timer ??= setTimeout(draw, DRAW_MS)))
  draw()
  app.on('will-quit', () => clearTimeout(timer))
}
