import { open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProcessIdentity } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import { readIdentity, type Attempt } from './attempt.ts'

/** How often to look for a record that its wrapper is about to write. Milliseconds; the writing takes about 5. */
const RECORD_LOOK_MS = 10

/**
 * The wrapper of an attempt; undefined when it never got so far, and then it never will: whoever makes the record first
 * decides, and a wrapper that finds one ends without starting anything.
 */
export async function claimUnstarted(attempt: Attempt): Promise<ProcessIdentity | undefined> {
  try {
    await (await open(attempt.wrapper, 'wx', 0o600)).close()
    return undefined
  } catch (error) {
    switch (systemCode(error)) {
      case 'EEXIST':
        return readIdentity(attempt.wrapper)
      case 'ENOENT':
        return undefined
      default:
        throw error
    }
  }
}

/** The command's own record, waited for as long as its wrapper lives; nothing is started without it. */
export async function commandRecord(
  attempt: Attempt,
  wrapperIsAlive: () => Promise<boolean>,
): Promise<ProcessIdentity | undefined> {
  for (;;) {
    const alive = await wrapperIsAlive()
    const record = await readIdentity(attempt.command)
    if (record || !alive) return record
    await delay(RECORD_LOOK_MS)
  }
}
