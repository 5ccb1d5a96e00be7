import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { failed } from '#kit/request-failed.ts'
import { connectSocket, type Connection } from './connect-socket.ts'
import type { Launch } from './launch.ts'
import { startOffloop, type Started } from './start-offloop.ts'

/** A start takes 1 to 2 s here; a machine under load needs more. */
const START_DEADLINE_MS = 60_000
/** A service that has ended is back sooner than this, so that no second app needs to be started to find that out. */
const LOOK_INTERVAL_MS = 25
/** A start that gave way to an Offloop which was just ending is tried again after this. */
const START_AGAIN_AFTER_MS = 1_000

/**
 * Connects to the Offloop of a profile, and starts it without a window when it does not run. Several at the same moment
 * end up with one: a second app gives way to the first.
 * @throws RequestFailed `spawn` or `host-lost` when there is none to be had; the signal's reason.
 */
export async function reachOffloop(
  profile: string,
  launch: Launch,
  signal: AbortSignal,
): Promise<Connection> {
  const start = performance.now()
  let started: Started | undefined
  let startedAt = -Infinity
  while (performance.now() - start < START_DEADLINE_MS) {
    signal.throwIfAborted()
    const connection = await connectSocket(profile)
    if (connection) return connection
    const mayStart = started === undefined || started.ended
    if (mayStart && performance.now() - startedAt >= START_AGAIN_AFTER_MS) {
      started = await startOffloop(profile, launch)
      startedAt = performance.now()
    }
    await delay(LOOK_INTERVAL_MS, undefined, { signal })
  }
  throw failed(
    'host-lost',
    `Offloop did not answer within ${START_DEADLINE_MS / 1_000} s. Its log says why: ${join(profile, 'logs', 'offloop.log')}`,
  )
}
