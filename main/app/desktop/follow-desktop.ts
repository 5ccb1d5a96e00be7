import { NO_WORK, serviceDesktop, type DesktopContract, type Notification } from '#contract/desktop.ts'
import type { ItemOf } from '#contract/channel.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { failureOf } from '#kit/request-failed.ts'
import type { Supervisor } from '../supervisor.ts'

type Told = ItemOf<DesktopContract, 'desktop.watch'>

/** What the service tells main of the work. */
export interface DesktopFeed {
  /** As of the last quarter of a second; no work while there is no service. */
  readonly latest: Told
  /** Calls back with it now and at every change. */
  onChanged(listener: (told: Told) => void): void
  /** Calls back at every new service; its `client` is there then. */
  onConnected(listener: () => void): void
  /** Calls back with each thing that is to be told outside the window. */
  onNotification(listener: (told: Notification) => void): void
  /** The service of this moment, to ask something of it. */
  readonly client: Client<DesktopContract> | undefined
}

/** Follows what is at work, also when the service is started again. */
export function followDesktop(
  supervisor: Supervisor,
  log: (line: string, cause?: unknown) => void,
): DesktopFeed {
  const nothing: Told = {
    work: NO_WORK,
    paused: false,
    settings: { language: 'system', leaving: 'ask', keys: {} },
  }
  const listeners: ((told: Told) => void)[] = []
  const connected: (() => void)[] = []
  const tellers: ((told: Notification) => void)[] = []
  let latest = nothing
  let client: Client<DesktopContract> | undefined

  function take(told: Told): void {
    latest = told
    for (const listener of listeners) listener(told)
  }

  async function follow(): Promise<void> {
    const port = supervisor.openSession()
    if (!port) return
    const mine = connect(serviceDesktop, port, dialWithEnvelopes(port))
    client = mine
    for (const listener of connected) listener()
    void hear(mine)
    try {
      for await (const told of mine.stream('desktop.watch', {})) take(told)
    } catch (error) {
      // The next service is followed when it starts; one that could not open itself says why to everybody.
      if (failureOf(error).code !== 'host-lost') log('What is at work is not known.', error)
    } finally {
      if (client === mine) {
        client = undefined
        take({ ...latest, work: NO_WORK })
      }
    }
  }
  async function hear(mine: Client<DesktopContract>): Promise<void> {
    try {
      for await (const told of mine.stream('desktop.notifications', {}))
        for (const tell of tellers) tell(told)
    } catch (error) {
      if (failureOf(error).code !== 'host-lost') log('Notifications cannot be had.', error)
    }
  }
  supervisor.onStarted(() => void follow())
  void follow()

  return {
    get latest() {
      return latest
    },
    onChanged(listener) {
      listeners.push(listener)
      listener(latest)
    },
    onConnected(listener) {
      connected.push(listener)
      if (client) listener()
    },
    onNotification: (listener) => void tellers.push(listener),
    get client() {
      return client
    },
  }
}
