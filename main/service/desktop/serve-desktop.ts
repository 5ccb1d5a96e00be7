import type { Notification, serviceDesktop } from '#contract/desktop.ts'
import type { Settings } from '#contract/settings.ts'
import { emitEach } from '#kit/emit-each.ts'
import { emitLatest } from '#kit/emit-latest.ts'
import type { Handlers } from '#kit/serve.ts'
import type { StoredSettings } from '../app-database/stored-settings.ts'
import type { RunStore } from '../runs/run-store.ts'
import { stopperOf, type Stoppers } from '../runs/serve-runs.ts'
import type { Scheduler } from '../scheduler/open-scheduler.ts'
import { decideNotification } from './decide-notification.ts'
import { foldNotifications } from './fold-notifications.ts'
import { sightOccasions } from './sight-occasions.ts'
import { trackWork } from './track-work.ts'

/** How long steps of progress are collected for main, in milliseconds: a menu and a taskbar are looked at in passing. */
const COLLECT_MS = 250

export interface DesktopOptions {
  readonly store: RunStore
  readonly scheduler: Pick<Scheduler, 'stopAll' | 'pools' | 'watch'>
  readonly stoppers: Stoppers
  readonly settings: StoredSettings
}

/** What main is told of the work. */
export interface Desktop {
  readonly handlers: Pick<
    Handlers<typeof serviceDesktop>,
    'desktop.watch' | 'desktop.notifications' | 'desktop.focus' | 'pools.change' | 'work.stop'
  >
  /** To be told of every change of the settings. */
  settingsChanged(settings: Settings): void
  close(): void
}

/** Begins to keep track of what is at work. */
export async function serveDesktop(options: DesktopOptions): Promise<Desktop> {
  const { store, scheduler, stoppers } = options
  const track = trackWork()
  const listeners = new Set<(when: 'now' | 'soon') => void>()
  let settings = await options.settings.read()

  let focused = false
  const tellers = new Set<(notification: Notification) => void>()
  const folded = foldNotifications((notification) => {
    for (const teller of tellers) teller(notification)
  })
  const sight = sightOccasions((occasion) => {
    const notification = decideNotification(occasion, { settings: settings.notifications, focused })
    if (notification) folded.add(notification)
  })

  function tell(when: 'now' | 'soon'): void {
    for (const listener of listeners) listener(when)
  }
  const stopWatching = store.watch((run) => {
    sight.note(run)
    const changed = track.note(run)
    // Whoever closes the window right after starting something is to be asked about it, and right after its end is not.
    if (changed === 'counts') tell('now')
    else if (changed === 'progress') tell('soon')
  })
  const stopHearing = scheduler.watch(() => tell('soon'))
  for (const run of await store.unfinished()) {
    track.note(run)
    sight.note(run)
  }

  return {
    handlers: {
      'desktop.watch': (_params, context) =>
        emitLatest(
          context,
          () => ({
            work: track.work(Date.now()),
            paused: scheduler.pools.list().every(({ paused }) => paused),
            settings: { language: settings.language, leaving: settings.leaving, keys: settings.keys },
          }),
          (changed) => {
            let timer: NodeJS.Timeout | undefined
            const listener = (when: 'now' | 'soon'): void => {
              if (when === 'now') return changed()
              timer ??= setTimeout(() => {
                timer = undefined
                changed()
              }, COLLECT_MS)
            }
            listeners.add(listener)
            return () => {
              listeners.delete(listener)
              clearTimeout(timer)
            }
          },
        ),

      'desktop.notifications': (_params, context) =>
        emitEach(context, (teller) => {
          tellers.add(teller)
          return () => tellers.delete(teller)
        }),

      'desktop.focus'(told) {
        focused = told.focused
        return {}
      },

      async 'pools.change'({ how }) {
        for (const { name } of scheduler.pools.list()) await scheduler.pools.change(name, how)
        return {}
      },

      async 'work.stop'() {
        // Without their processes these cannot be kept for the next start, also those that wait for one; in a pool they can.
        const others = (await store.unfinished()).filter(({ kind, terms }) => kind !== 'command' && !terms)
        await Promise.all([scheduler.stopAll(), ...others.map((run) => stoppers[stopperOf(run)](run.id))])
        return {}
      },
    },

    settingsChanged(next) {
      settings = next
      tell('now')
    },

    close() {
      stopWatching()
      stopHearing()
      sight.close()
      folded.close()
    },
  }
}
