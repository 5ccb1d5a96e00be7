import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * How much memory a query host may hold, in bytes. The longest value that SQLite makes has 1 GB, and handing it over
 * takes a copy; whoever needs more would take the machine's memory from everything else. SQLite's own limit of its heap
 * does not work here, because better-sqlite3 is built without the count that it needs (SQLITE_DEFAULT_MEMSTATUS=0).
 */
export const MAX_HOST_BYTES = 2.5 * 1024 ** 3
/** How often it is looked at: a statement that fills memory takes a few hundred megabytes in this time. */
const LOOK_INTERVAL_MS = 100
/** A page of memory on every processor that Linux of a desktop runs on, in bytes; larger ones make the cap larger. */
const PAGE_BYTES = 4096

/**
 * Looks at a process's memory until the signal says that its statement has ended.
 *
 * Where the system has no /proc nothing is known and nothing done. V8's own limit of its heap is no help either: Electron
 * 33 takes no notice of --max-old-space-size among a utility process's arguments (its limit stayed at 4 GB).
 * @param onExceeded is told once, with the bytes that it held.
 */
export async function watchMemory(
  pid: number,
  limitBytes: number,
  ended: AbortSignal,
  onExceeded: (bytes: number) => void,
): Promise<void> {
  for (;;) {
    const bytes = await residentBytes(pid)
    if (bytes === undefined || ended.aborted) return
    if (bytes > limitBytes) return onExceeded(bytes)
    await delay(LOOK_INTERVAL_MS, undefined, { signal: ended, ref: false }).catch(() => undefined)
  }
}

/** Memory that a process holds, in bytes: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html */
async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const [, resident] = (await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')
    return Number(resident) * PAGE_BYTES
  } catch {
    // The process has ended, or the system has no /proc.
    return undefined
  }
}
