import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How often something is looked at that nobody tells of, in milliseconds. */
const LOOK_MS = 20

/** The processes of an Offloop without a window, its commands and their wrappers left out. */
export interface OffloopProcesses {
  /** The one that holds the profile; another that was started beside it and gives way does not. */
  readonly main: number | undefined
  readonly service: number | undefined
  readonly all: readonly number[]
}

/**
 * Finds the processes of a profile: main, and whatever of Electron descends from it. A second main that is about to give way,
 * and a child of main that has not become another program yet, look like main from outside; Chromium's lock tells.
 */
export async function processesOf(profile: string): Promise<OffloopProcesses> {
  const lines = new Map<number, string>()
  const children = new Map<number, number[]>()
  const holder = await holderOf(profile)
  let main: number | undefined
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const line = await readProc(name, 'cmdline')
    const isMain = line.includes('--background') && !line.includes('--type=')
    if (!isMain && !line.includes('--type=')) continue
    const pid = Number(name)
    lines.set(pid, line)
    const parent = Number(/^PPid:\s+(\d+)$/m.exec(await readProc(name, 'status'))?.[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
    const isOfProfile =
      pid === holder && (await readProc(name, 'environ')).split('\0').includes(`OFFLOOP_PROFILE=${profile}`)
    if (isMain && isOfProfile) main = pid
  }
  const all = main === undefined ? [] : [main]
  for (const pid of all) all.push(...(children.get(pid) ?? []))
  let service: number | undefined
  for (const pid of all)
    // Query hosts look the same from outside, and do not have the app's own database open.
    if (lines.get(pid)?.includes('node.mojom.NodeService') && (await hasOpen(pid, `${profile}/offloop.db`)))
      service = pid
  return { main, service, all }
}

/** The process that holds a profile, or held it when it was killed: Chromium's lock is a link to `HOST-PID`. */
async function holderOf(profile: string): Promise<number | undefined> {
  const target = await readlink(join(profile, 'SingletonLock')).catch(() => '')
  const pid = /-(\d+)$/.exec(target)?.[1]
  return pid === undefined ? undefined : Number(pid)
}

/** Whether none of some processes lives; zombies do not. */
export async function areGone(pids: readonly number[]): Promise<boolean> {
  const lines = await Promise.all(pids.map((pid) => readProc(String(pid), 'cmdline')))
  return lines.every((line) => !line.includes('electron') && !line.includes('--type='))
}

/** Whether a process has a file open. */
export async function hasOpen(pid: number, file: string): Promise<boolean> {
  const open = await readdir(`/proc/${pid}/fd`).catch((): string[] => [])
  const files = await Promise.all(open.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return files.includes(file)
}

function readProc(pid: string, name: string): Promise<string> {
  // It may end at any moment, and those of others are closed to us.
  return readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '')
}

/** Sends a signal. @returns whether there was such a process. */
export function send(pid: number | undefined, signal: NodeJS.Signals): boolean {
  if (pid === undefined || pid <= 1) return false
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Waits until something holds. @returns after how many milliseconds it did; undefined when the time was over before. */
export async function until(deadlineMs: number, holds: () => Promise<boolean>): Promise<number | undefined> {
  const start = performance.now()
  while (!(await holds())) {
    if (performance.now() - start > deadlineMs) return undefined
    await delay(LOOK_MS)
  }
  return performance.now() - start
}
