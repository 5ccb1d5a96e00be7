import { setTimeout as delay } from 'node:timers/promises'
import { app, BrowserWindow, type WebContents } from 'electron'
import type { AppContract, LeavingAnswer } from '#contract/app.ts'
import { countAlive } from '#contract/desktop.ts'
import type { LeavingChoice } from '#contract/settings.ts'
import type { Handlers } from '#kit/serve.ts'
import type { DesktopFeed } from '../desktop/follow-desktop.ts'
import { askWithDialog } from './ask-with-dialog.ts'
import { decideLeaving, type Leaving } from './decide-leaving.ts'
import { makePageQuestions } from './page-questions.ts'

/**
 * How long quitting waits for runs to be stopped: the ten seconds that a command gets to end by itself, and as long again
 * for a machine that is busy. What has not ended by then is stopped by the next start.
 */
const STOP_DEADLINE_MS = 20_000

export interface GuardOptions {
  readonly feed: DesktopFeed
  /** It was started for the command line, and stays without a window. */
  readonly staysWithoutWindow: boolean
  readonly log: (line: string, cause?: unknown) => void
}

/** Sees to it that nobody leaves runs without having said what becomes of them. */
export interface LeavingGuard {
  /** Watches a new window. */
  watch(window: BrowserWindow): void
  /** Offloop goes on when the last window has closed. */
  readonly staysOpen: boolean
  /** Quits and asks nobody: at the end of the session, or because the command line says so. Commands go on. */
  quitUnasked(): void
  /** What was chosen is to be done, because all windows are gone; resolves when it is. */
  carryOut(): Promise<void>
  handlers(
    page: WebContents,
  ): Pick<Handlers<AppContract>, 'window.stay' | 'leaving.ask' | 'leaving.seen' | 'leaving.answer'>
}

/** Begins to ask whoever quits while something runs. */
export function guardLeaving({ feed, staysWithoutWindow, log }: GuardOptions): LeavingGuard {
  const questions = makePageQuestions<WebContents>()
  let settled: LeavingChoice | undefined
  let asking = false
  let inBackground = false
  let quitting = false

  function decide(how: { readonly quitting: boolean; readonly staysAnyway: boolean }): Leaving {
    const { work, settings } = feed.latest
    return decideLeaving({ ...how, alive: countAlive(work), setting: settings.leaving, settled })
  }

  async function ask(window: Electron.BrowserWindow | undefined): Promise<LeavingAnswer> {
    const { work } = feed.latest
    if (window) {
      const answer = await questions.ask(window.webContents, work)
      if (answer) return answer
    }
    return askWithDialog(window?.isDestroyed() === false ? window : undefined, work)
  }

  /** @param event of the attempt to leave, which is undone unless nothing stands against it. */
  function consider(
    event: { preventDefault(): void },
    window: Electron.BrowserWindow | undefined,
    leaving: Leaving,
  ): void {
    if (asking && settled === undefined) return event.preventDefault()
    switch (leaving.kind) {
      case 'go':
        return
      case 'take':
        event.preventDefault()
        return take(leaving.choice)
      case 'ask':
        event.preventDefault()
        asking = true
        void ask(window)
          .then(async ({ choice, remember }) => {
            asking = false
            if (choice === null) return
            if (remember) await rememberChoice(choice)
            take(choice)
          })
          .catch((error: unknown) => log('What becomes of the runs could not be asked.', error))
          .finally(() => (asking = false))
        return
      default:
        leaving satisfies never
    }
  }

  async function rememberChoice(leaving: LeavingChoice): Promise<void> {
    try {
      await feed.client?.call('settings.write', { leaving })
    } catch (error) {
      // The person asks to leave, which is possible without it; the question comes again next time.
      log('What becomes of runs could not be kept.', error)
    }
  }

  function take(choice: LeavingChoice): void {
    settled = choice
    if (choice !== 'background') return app.quit()
    inBackground = true
    for (const window of BrowserWindow.getAllWindows()) window.close()
  }

  function stay(): void {
    settled = undefined
    inBackground = false
    quitting = false
  }

  app.on('before-quit', (event) => {
    const window = BrowserWindow.getAllWindows().at(0)
    if (settled === 'background') settled = undefined
    consider(event, window, decide({ quitting: true, staysAnyway: false }))
    quitting = !event.defaultPrevented
  })

  return {
    watch(window) {
      stay()
      // Before whatever the page holds the window for is asked about.
      window.on('close', (event) => {
        if (quitting) return
        const others = BrowserWindow.getAllWindows().length > 1
        const staysAnyway = others || staysWithoutWindow || process.platform === 'darwin'
        consider(event, window, decide({ quitting: false, staysAnyway }))
      })
      window.webContents.on('render-process-gone', () => {
        questions.giveUp(window.webContents)
        stay()
      })
      window.on('unresponsive', () => questions.giveUp(window.webContents))
    },

    get staysOpen() {
      return inBackground
    },

    quitUnasked() {
      settled = 'leave'
      app.quit()
    },

    async carryOut() {
      if (settled !== 'stop' || !feed.client) return
      const stopped = feed.client
        .call('work.stop', {})
        .catch((error: unknown) => log('Not everything could be stopped.', error))
      await Promise.race([stopped, delay(STOP_DEADLINE_MS)])
    },

    handlers: (page) => ({
      ...questions.handlers(page),
      'window.stay'() {
        stay()
        return {}
      },
    }),
  }
}
