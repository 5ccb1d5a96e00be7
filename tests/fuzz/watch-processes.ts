import { readdir, readFile, readlink } from 'node:fs/promises'

/** How often the table of processes is looked at, in milliseconds; one that lives shorter may be missed. */
const LOOK_EVERY_MS = 10

/** Notes which programs run below a process. */
export interface ProcessWatch {
  /** Programs seen so far, by their names. */
  readonly programs: ReadonlySet<string>
  close(): Promise<void>
}

/** Watches what descends from a process, also what leaves it later for a session of its own, on Linux. */
export function watchProcesses(root: number): ProcessWatch {
  const programs = new Set<string>()
  const known = new Set([root])
  const closing = new AbortController()

  async function look(): Promise<void> {
    const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
    // The number of one that ended is given again, to a program that is none of ours.
    for (const pid of known) if (!names.includes(pid)) known.delete(pid)
    // In the order of their numbers, so that a parent mostly comes before its children.
    for (const pid of names.sort((a, b) => a - b)) {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
      const parent = Number(/\) \S (\d+)/.exec(stat)?.[1])
      if (!known.has(pid) && !known.has(parent)) continue
      known.add(pid)
      const program = await readlink(`/proc/${pid}/exe`).catch(() => undefined)
      if (program !== undefined) programs.add(program.slice(program.lastIndexOf('/') + 1))
    }
  }
  const watching = (async () => {
    while (!closing.signal.aborted) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
  })()
  return {
    programs,
    async close() {
      closing.abort()
      await watching
    },
  }
}
