import { app, BrowserWindow } from 'electron'
import type { Opening } from '#contract/opening.ts'
import { measureLoopLag } from '#kit/loop-lag.ts'
import { answerAboutApp } from './app/app-answers.ts'
import { isForCommandLine, openOnSecondStart } from './app/background.ts'
import { commandLineWords, settleCommandLine } from './app/command-line.ts'
import { lockDown, resolveNothing } from './app/lockdown.ts'
import { openLog } from './app/log.ts'
import { firstPaint } from './app/first-paint.ts'
import { followDesktop } from './app/desktop/follow-desktop.ts'
import { guardLeaving } from './app/leaving/guard-leaving.ts'
import { quitAtSessionEnd } from './app/leaving/quit-at-session-end.ts'
import { tellFocus } from './app/desktop/tell-focus.ts'
import { followLanguage } from './app/desktop/follow-language.ts'
import { showWithSystem } from './app/notifications/show-with-system.ts'
import { tellNotification } from './app/notifications/tell-notifications.ts'
import { showProgress } from './app/tray/show-progress.ts'
import { showTray } from './app/tray/show-tray.ts'
import { installMenu, useMenuShortcuts } from './app/menu.ts'
import { makeNotices } from './app/notices.ts'
import { makeOpenings, openingOfFile, openingOfLink, openingsOf } from './app/openings.ts'
import { settlePlaces } from './app/places.ts'
import { watchProcesses } from './app/process-table.ts'
import { makeQueryHosts } from './app/query-hosts.ts'
import { registerScheme, servePage } from './app/scheme.ts'
import { answerSecrets } from './app/secrets/answer-secrets.ts'
import { serveApp } from './app/serve-app.ts'
import { brokerSessions } from './app/sessions.ts'
import { superviseService } from './app/supervisor.ts'
import { openWindow } from './app/window.ts'

const places = settlePlaces()
const words = commandLineWords(process.argv)
if (words) void runCommandLine(words)
else if (app.requestSingleInstanceLock()) void start()
else app.quit()

async function runCommandLine(words: readonly string[]): Promise<void> {
  settleCommandLine(places)
  try {
    const { runOffloop } = await import('./cli/run-offloop.ts')
    app.exit(await runOffloop(words, { executable: process.execPath, args: [], env: {} }))
  } catch (error) {
    // Without this the process would stay, with nothing to do.
    console.error(error)
    app.exit(1)
  }
}

async function start(): Promise<void> {
  const log = openLog(places.profile)
  const lagMeter = measureLoopLag()
  const notices = makeNotices()
  const openings = makeOpenings()
  if (!isForCommandLine(process.argv))
    openings.add(openingsOf(process.argv.slice(1), process.cwd(), app.getAppPath()))
  // On macOS files and links come so, also before the app is ready.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    openings.add([openingOfFile(path)])
  })
  app.on('open-url', (event, link) => {
    event.preventDefault()
    openings.add([openingOfLink(link)])
  })
  registerScheme()
  resolveNothing()
  await app.whenReady()
  servePage(places.page)
  lockDown()
  installMenu()
  const background = isForCommandLine(process.argv)
  const early = background ? undefined : openWindow(places, notices, log)
  const open = (): void => leaving.watch(openWindow(places, notices, log))

  const answers = {
    ...answerAboutApp(
      places,
      () => processes.rows,
      () => leaving.quitUnasked(),
    ),
    ...answerSecrets(places.profile, log),
  }
  const hosts = makeQueryHosts(places.code, notices, log, answers)
  const supervisor = superviseService(places, hosts, notices, log, firstPaint(early))
  const processes = watchProcesses(supervisor, hosts, lagMeter)
  brokerSessions(supervisor, (port, contents) =>
    serveApp({ places, supervisor, hosts, processes, notices, openings, leaving, log }, port, contents),
  )
  const feed = followDesktop(supervisor, log)
  const leaving = guardLeaving({ feed, staysWithoutWindow: background, log })
  if (early) leaving.watch(early)
  quitAtSessionEnd(leaving)

  tellFocus(feed, log)
  feed.onNotification((told) => tellNotification(told, showWithSystem, show))
  followLanguage(feed)
  feed.onChanged(({ settings: { keys } }) => useMenuShortcuts(keys))
  showProgress(feed)
  showTray({ places, feed, show, log })

  function show(wanted: readonly Opening[]): void {
    openings.add(wanted)
    const [window] = BrowserWindow.getAllWindows()
    if (window?.isMinimized()) window.restore()
    if (window) window.focus()
    else open()
  }
  openOnSecondStart((words, folder) => show(openingsOf(words, folder, app.getAppPath())))
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) open()
  })
  app.on('window-all-closed', () => {
    // One that was started for the command line stays for it, until it is told to quit.
    if (process.platform !== 'darwin' && !background && !leaving.staysOpen) app.quit()
  })
  let mayQuit = false
  app.on('will-quit', (event) => {
    if (mayQuit) return
    event.preventDefault()
    void leaving
      .carryOut()
      .then(supervisor.shutdown)
      .finally(() => {
        mayQuit = true
        app.quit()
      })
  })
}
