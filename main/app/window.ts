import { BrowserWindow, nativeTheme } from 'electron'
import type { Notices } from './notices.ts'
import type { Places } from './places.ts'
import { PAGE_URL } from './scheme.ts'

const DEFAULT_WIDTH = 1280
const DEFAULT_HEIGHT = 820
/** Below this the side bar and the grid no longer fit side by side. */
const MIN_WIDTH = 720
const MIN_HEIGHT = 480
/** The page's own background, so that the window does not flash before its first paint. */
const DARK_BACKGROUND = '#16181d'
const LIGHT_BACKGROUND = '#ffffff'
const EMPTY_PAGE = 'about:blank'
/** A page that ends again within this time is not loaded again by itself: it would only flicker. */
const RELOAD_AGAIN_AFTER_MS = 5_000

/** Opens a window on the page. A page whose process ends is loaded again; its runs never notice. */
export function openWindow(places: Places, notices: Notices, log: (line: string) => void): BrowserWindow {
  const window = new BrowserWindow({
    width: DEFAULT_WIDTH,
    height: DEFAULT_HEIGHT,
    minWidth: MIN_WIDTH,
    minHeight: MIN_HEIGHT,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? DARK_BACKGROUND : LIGHT_BACKGROUND,
    webPreferences: {
      preload: places.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => window.show())
  let lastLoad = 0
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (window.isDestroyed() || reason === 'clean-exit') return
    log(`The page's process ended: ${reason}.`)
    notices.add('renderer-reloaded')
    const wait = Math.max(0, lastLoad + RELOAD_AGAIN_AFTER_MS - Date.now())
    setTimeout(() => {
      if (!window.isDestroyed()) load()
    }, wait)
  })
  // The one place that a page can lead itself to, because Chromium asks nobody before.
  window.webContents.on('did-navigate', (_event, address) => {
    if (address === EMPTY_PAGE) load()
  })

  function load(): void {
    lastLoad = Date.now()
    window.loadURL(PAGE_URL).catch((error: unknown) => log(`The page could not be loaded: ${String(error)}`))
  }
  load()
  return window
}
