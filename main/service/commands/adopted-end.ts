import { watch, type FSWatcher } from 'node:fs'
import type { Platform, ProcessIdentity } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import type { Attempt } from './attempt.ts'
import { readOutcome } from './outcome.ts'

/** How often the processes of an adopted command are looked at: the record of its end is seen at once, its death so late. */
const CHECK_MS = 1_000

export interface AdoptedEndOptions {
  readonly platform: Platform
  readonly attempt: Attempt
  /** Its end is over when none of these lives; a wrapper that was killed leaves the command alone. */
  readonly processes: readonly ProcessIdentity[]
  readonly signal: AbortSignal
}

/**
 * Waits until a command that is no child of this process has ended: its record of the end is there, or all of its
 * processes are gone.
 */
export function adoptedEnd({ platform, attempt, processes, signal }: AdoptedEndOptions): Promise<undefined> {
  return new Promise((resolve, reject) => {
    let looking = false
    let again = false
    const finish = (settle: () => void): void => {
      clearInterval(timer)
      watcher?.close()
      signal.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = (): void => finish(() => reject(signal.reason as Error))

    async function ended(): Promise<boolean> {
      if (await readOutcome(attempt.exit)) return true
      const alive = await Promise.all(processes.map((identity) => platform.isAlive(identity)))
      return !alive.includes(true)
    }
    function look(): void {
      if (looking) {
        again = true
        return
      }
      looking = true
      again = false
      ended().then(
        (over) => {
          looking = false
          if (over) finish(() => resolve(undefined))
          else if (again) look()
        },
        (error: unknown) => finish(() => reject(error instanceof Error ? error : new Error(String(error)))),
      )
    }

    const timer = setInterval(look, CHECK_MS)
    let watcher: FSWatcher | undefined
    try {
      watcher = watch(attempt.folder, look)
      // Without a watcher, where the system has no more of them, the check alone finds the end.
      watcher.on('error', () => watcher?.close())
    } catch (error) {
      const code = systemCode(error)
      if (code !== 'ENOSPC' && code !== 'EMFILE' && code !== 'ENOENT')
        return finish(() => reject(error instanceof Error ? error : new Error(String(error))))
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    look()
  })
}
