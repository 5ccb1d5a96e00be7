import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * How much memory a query host may hold, in bytes. The longest value that SQLite makes has 1 GB, and handing it over
 * takes a copy; whoever needs more would take the machine's memory from everything else. SQLite's own limit of its heap
 * does not work here, because better-sqlite3 is built without the count that it needs (SQLITE_DEFAULT_MEMSTATUS=0).
 */
const MAX_HOST_BYTES = 2.5 * 1024 ** 3
/** How often it is looked at: a statement that fills memory takes a few hundred megabytes in this time. */
const LOOK_INTERVAL_MS = 100
/** Main asks the system about every process of Offloop at once, which takes it some milliseconds. */
const ASK_INTERVAL_MS = 500
/** A page of memory on every processor that Linux of a desktop runs on, in bytes; larger ones make the cap larger. */
const PAGE_BYTES = 4096

/** What a query host may hold, and how that is known. */
export interface HostMemory {
  /** In bytes. */
  readonly limitBytes: number
  /** By the system's own files, where it has /proc, or by asking main. */
  readonly readBy: 'proc' | 'main'
}

/** What hosts have unless something else is said. */
export const HOST_MEMORY: HostMemory = {
  limitBytes: MAX_HOST_BYTES,
  readBy: process.platform === 'linux' ? 'proc' : 'main',
}

/** A process whose memory is looked at. */
export interface GuardedProcess {
  readonly pid: number
  /** Asks main for its memory, in bytes; null when it has ended. */
  askMain(): Promise<number | null>
  /** Ends it. */
  kill(): Promise<void>
}

/** A look at a process's memory while something is done in it. */
export interface MemoryGuard {
  /** What it may hold, once it held more and was ended for that. */
  readonly exceededBytes: number | undefined
  /** Ends the looking; a second time does nothing. */
  stop(): void
}

/**
 * Makes what looks at the memory of a process. Several guards at once share what they see.
 *
 * V8's own limit of its heap is no help: Electron 33 takes no notice of --max-old-space-size among a utility process's
 * arguments (its limit stayed at 4 GB), and what SQLite holds is not in that heap.
 * @returns starts a guard.
 */
export function memoryGuards(process: GuardedProcess, memory: HostMemory): () => MemoryGuard {
  const { limitBytes, readBy } = memory
  let exceeded = false
  let guards = 0

  async function look(): Promise<void> {
    while (guards > 0 && !exceeded) {
      const bytes = await (readBy === 'proc' ? residentBytes(process.pid) : process.askMain())
      if (bytes === null) return
      if (bytes > limitBytes && guards > 0) {
        exceeded = true
        return process.kill()
      }
      await delay(readBy === 'proc' ? LOOK_INTERVAL_MS : ASK_INTERVAL_MS, undefined, { ref: false })
    }
  }
  let looking: Promise<void> | undefined

  return () => {
    let stopped = false
    guards += 1
    // A process that cannot be looked at or ended any more has ended, and whoever uses it is told by that.
    looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined))
    return {
      get exceededBytes() {
        return exceeded ? limitBytes : undefined
      },
      stop() {
        if (!stopped) guards -= 1
        stopped = true
      },
    }
  }
}

/** Memory that a process holds, in bytes: https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    const [, resident] = (await readFile(`/proc/${pid}/statm`, 'latin1')).split(' ')
    return Number(resident) * PAGE_BYTES
  } catch {
    // The process has ended.
    return null
  }
}
