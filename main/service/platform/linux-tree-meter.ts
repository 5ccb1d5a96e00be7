import { execFile } from 'node:child_process'
import { open, readdir, readFile, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { systemCode } from './system-code.ts'
import type { TreeMeter, TreeUsage } from './usage.ts'

/** What the kernel counts processor time in for programs, on every architecture: `USER_HZ`, see proc_pid_stat(5). */
const MS_PER_TICK = 10
/** Fields 3, 14 to 17 and 24 of /proc/PID/stat, counted after the name; the times are its own and of children waited for. */
const STATE = 0
const TIMES = [11, 12, 13, 14] as const
const RESIDENT_PAGES = 21
/** One line of /proc/PID/stat, the few of /proc/PID/io, and the pids of 500 children. */
const READ_BYTES = 4_096
/** The kernel tells the children of each thread by itself: those that another thread than the first began are looked for so seldom. */
const ALL_THREADS_EVERY = 10
/** Processes that are read at a time: the four threads of Node's pool have no use for more. */
const READ_AT_ONCE = 8

/** A process whose files are open: they are of this process alone, also when its pid has become another's. */
interface Watched {
  readonly stat: FileHandle
  /** Undefined where others' are closed to us, as for a program with more rights. */
  readonly io: FileHandle | undefined
  /** Undefined on a kernel that was built without it. */
  readonly children: FileHandle | undefined
}

interface Reading {
  /** A zombie: it uses nothing any more, and what it has used is nobody else's yet. */
  readonly ended: boolean
  readonly processorMs: number
  readonly memoryBytes: number
  readonly readBytes: number | null
  readonly writtenBytes: number | null
  readonly children: readonly number[]
}

/**
 * Measures a tree by /proc. Files stay open between measures, so that each costs one read: three for a process. What a
 * process has used is added to its parent's account when the parent waits for its end, so that nothing is counted twice
 * or lost. A process stays in the tree when its parent ends.
 */
export function linuxTreeMeter(root: number): TreeMeter {
  const watched = new Map<number, Watched>()
  const buffers: Buffer[] = []
  let round = 0
  let closed = false

  async function watch(pid: number): Promise<Watched | undefined> {
    const known = watched.get(pid)
    if (known) return known
    const stat = await openIfThere(`/proc/${pid}/stat`)
    if (!stat) return undefined
    const [io, children] = await Promise.all([
      openIfThere(`/proc/${pid}/io`),
      openIfThere(`/proc/${pid}/task/${pid}/children`),
    ])
    const opened = { stat, io, children }
    if (closed) {
      await Promise.all([stat.close(), io?.close(), children?.close()])
      return undefined
    }
    watched.set(pid, opened)
    return opened
  }

  async function forget(pid: number): Promise<void> {
    const known = watched.get(pid)
    watched.delete(pid)
    if (known) await Promise.all([known.stat.close(), known.io?.close(), known.children?.close()])
  }

  async function text(file: FileHandle | undefined): Promise<string | undefined> {
    if (!file) return undefined
    const buffer = buffers.pop() ?? Buffer.alloc(READ_BYTES)
    try {
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, 0)
      return buffer.toString('latin1', 0, bytesRead)
    } catch (error) {
      // Its process has ended, or has become one with more rights.
      if (['ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error))) return undefined
      throw error
    } finally {
      buffers.push(buffer)
    }
  }

  async function read(pid: number, bytesOfPage: number, allThreads: boolean): Promise<Reading | undefined> {
    const files = await watch(pid)
    const stat = await text(files?.stat)
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (!files || !fields || fields.length <= RESIDENT_PAGES) {
      await forget(pid)
      return undefined
    }
    const [io, children] = await Promise.all([
      text(files.io),
      allThreads ? childrenOfThreads(pid) : text(files.children),
    ])
    return {
      ended: fields[STATE] === 'Z',
      processorMs: TIMES.reduce((sum, at) => sum + Number(fields[at]), 0) * MS_PER_TICK,
      memoryBytes: Number(fields[RESIDENT_PAGES]) * bytesOfPage,
      readBytes: ioCount(io, 'read_bytes'),
      writtenBytes: ioCount(io, 'write_bytes'),
      children: children?.split(' ').filter(Boolean).map(Number) ?? [],
    }
  }

  return {
    async measure() {
      const bytesOfPage = await pageBytes()
      const seen = new Set<number>()
      const total = { processorMs: 0, memoryBytes: 0, processes: 0 }
      let reads: number | null = 0
      let writes: number | null = 0
      // Those known from before too: one whose parent has ended is nobody's child here any more.
      let next = round === 0 ? [root] : [...watched.keys()]
      const allThreads = round % ALL_THREADS_EVERY === 0
      round += 1
      while (next.length > 0) {
        const these = next.splice(0, READ_AT_ONCE).filter((pid) => !seen.has(pid))
        for (const pid of these) seen.add(pid)
        for (const reading of await Promise.all(these.map((pid) => read(pid, bytesOfPage, allThreads)))) {
          if (!reading) continue
          if (!reading.ended) total.processes += 1
          total.processorMs += reading.processorMs
          total.memoryBytes += reading.memoryBytes
          reads = addKnown(reads, reading.readBytes)
          writes = addKnown(writes, reading.writtenBytes)
          next = next.concat(reading.children.filter((pid) => !seen.has(pid)))
        }
      }
      if (total.processes === 0) return undefined
      return { ...total, readBytes: reads, writtenBytes: writes } satisfies TreeUsage
    },
    async close() {
      // A look may be under way that opens more.
      closed = true
      await Promise.all([...watched.keys()].map(forget))
    },
  }
}

async function childrenOfThreads(pid: number): Promise<string> {
  try {
    const threads = await readdir(`/proc/${pid}/task`)
    const lists = await Promise.all(
      threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'latin1')),
    )
    return lists.join(' ')
  } catch (error) {
    // A thread has ended meanwhile, or its process; or the kernel was built without these lists.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error))) return ''
    throw error
  }
}

/** What one process does not tell is not known of all. */
function addKnown(sum: number | null, more: number | null): number | null {
  return sum === null || more === null ? null : sum + more
}

function ioCount(text: string | undefined, name: string): number | null {
  const found = text === undefined ? null : new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)
  return found ? Number(found[1]) : null
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path)
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error))) return undefined
    throw error
  }
}

let askedPageBytes: Promise<number> | undefined

/** 4 KiB on most machines, 16 or 64 on some. Asked once: it takes a process, which blocks the loop for milliseconds. */
function pageBytes(): Promise<number> {
  askedPageBytes ??= promisify(execFile)('getconf', ['PAGESIZE']).then(({ stdout }) => Number(stdout))
  return askedPageBytes
}
