import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** The end of a process that is not ours cannot be waited for otherwise. */
const LOOK_INTERVAL_MS = 100

/**
 * Does something while no other process does it: two builds at once would write into the same folder, two installations too.
 *
 * @template R
 * @param {string} lock absolute path of a file that holds the pid of whoever is at work; one of a process that has ended is
 * ignored
 * @param {AbortSignal} signal
 * @param {() => Promise<R>} work
 * @returns {Promise<R>} rejects with the signal's reason, and with whatever `work` throws
 */
export async function oneAtATime(lock, signal, work) {
  await mkdir(dirname(lock), { recursive: true })
  while (!(await take(lock))) await delay(LOOK_INTERVAL_MS, undefined, { signal })
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

/**
 * @param {string} lock
 * @returns {Promise<boolean>}
 */
async function take(lock) {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const holder = Number(await readFile(lock, 'utf8').catch(() => '0'))
  if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true })
  return false
}

/**
 * @param {number} pid
 * @returns {boolean}
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
