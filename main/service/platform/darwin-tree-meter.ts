import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Invocation } from './platform.ts'
import type { TreeMeter, TreeUsage } from './usage.ts'

/** One list of all processes serves every tree that is measured within this time, in milliseconds. */
const LIST_LASTS_MS = 500
/** The most that the list may take: a hundred bytes for each of ten thousand processes, and room. In bytes. */
const MAX_LIST_BYTES = 4 * 1024 * 1024
const BYTES_PER_KIB = 1_024

/** What lists all processes with their processor time and memory. */
export const askUsage: Invocation = { program: '/bin/ps', args: ['-axo', 'pid=,ppid=,rss=,time='] }

/** Adds up the list of `askUsage` for a process and all below it; undefined when it is not in the list. */
export function usageOfTree(list: string, root: number): TreeUsage | undefined {
  const children = new Map<number, number[]>()
  const own = new Map<number, { readonly memoryBytes: number; readonly processorMs: number }>()
  for (const line of list.split('\n')) {
    const [pid, parent, kib, time] = line.trim().split(/\s+/)
    if (time === undefined) continue
    own.set(Number(pid), { memoryBytes: Number(kib) * BYTES_PER_KIB, processorMs: parseTime(time) })
    children.set(Number(parent), [...(children.get(Number(parent)) ?? []), Number(pid)])
  }
  if (!own.has(root)) return undefined
  const total = { processorMs: 0, memoryBytes: 0, processes: 0 }
  let next = [root]
  while (next.length > 0) {
    for (const pid of next) {
      total.processes += 1
      total.processorMs += own.get(pid)?.processorMs ?? 0
      total.memoryBytes += own.get(pid)?.memoryBytes ?? 0
    }
    next = next.flatMap((pid) => children.get(pid) ?? [])
  }
  return { ...total, readBytes: null, writtenBytes: null }
}

/** Reads `[[days-]hours:]minutes:seconds.hundredths` as milliseconds. */
function parseTime(time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse()
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Math.round((Number(days) * 86_400 + seconds) * 1_000)
}

let list: { readonly at: number; readonly text: Promise<string> } | undefined

async function listed(): Promise<string> {
  const now = performance.now()
  if (list === undefined || now - list.at > LIST_LASTS_MS) {
    const text = promisify(execFile)(askUsage.program, [...askUsage.args], {
      maxBuffer: MAX_LIST_BYTES,
      env: { LC_ALL: 'C' },
    })
    list = { at: now, text: text.then(({ stdout }) => stdout) }
  }
  return list.text
}

/** Measures a tree by ps, which tells nothing of disks nor of processes that have ended. Not yet run on a Mac. */
export function darwinTreeMeter(root: number): TreeMeter {
  return {
    measure: async () => usageOfTree(await listed(), root),
    close: () => Promise.resolve(),
  }
}
