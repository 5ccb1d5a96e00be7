import { readdir, readFile } from 'node:fs/promises'
import { awaitsInput } from './awaits-input.ts'
import { freeRangeOfFile } from './free-range.ts'
import { linuxTreeMeter } from './linux-tree-meter.ts'
import type { Member, Platform, ProcessIdentity } from './platform.ts'
import { posixPump, posixShell, posixWrapper } from './posix.ts'
import { parseStat, type ProcessStat } from './proc-stat.ts'
import { sendSignal } from './send-signal.ts'
import { systemCode } from './system-code.ts'

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const PID = /^\d+$/

/** Processes that are read at a time: the four threads of Node's pool have no use for more, and others wait for them. */
const READ_AT_ONCE = 16

/** Linux, by way of /proc. */
export const linux: Platform = {
  shell: posixShell,
  wrapper: posixWrapper,
  pump: posixPump,
  variable: (environment, name) => environment[name],
  programNames: (program) => [program],
  signal: sendSignal,
  treeMeter: linuxTreeMeter,
  awaitsInput,
  freeRange: freeRangeOfFile,

  async isAlive(identity) {
    const [stat, sameBoot] = await Promise.all([readStat(identity.pid), isSameBoot(identity)])
    return stat !== undefined && !stat.ended && stat.startTime === identity.startTime && sameBoot
  },
  isSameBoot,

  async members(group, { name, value }) {
    const marker = Buffer.from(`\0${name}=${value}\0`)
    const pids = (await readdir('/proc')).filter((entry) => PID.test(entry)).map(Number)
    const ancestors = await ancestorsOfThis()
    const members: Member[] = []
    for (let from = 0; from < pids.length; from += READ_AT_ONCE) {
      const found = await Promise.all(
        pids.slice(from, from + READ_AT_ONCE).map(async (pid) => {
          if (ancestors.has(pid)) return undefined
          const [stat, environment] = await Promise.all([readStat(pid), readEnvironment(pid)])
          if (!stat || stat.ended) return undefined
          const marked = environment?.includes(marker) ?? false
          return marked || stat.group === group ? { pid, group: stat.group, marked } : undefined
        }),
      )
      for (const member of found) if (member) members.push(member)
    }
    return members
  },
}

async function isSameBoot({ bootId }: ProcessIdentity): Promise<boolean> {
  return (await readFile(BOOT_ID, 'utf8')).trim() === bootId
}

/** This process and all that it descends from. */
async function ancestorsOfThis(): Promise<Set<number>> {
  const ancestors = new Set<number>()
  let pid: number | undefined = process.pid
  while (pid !== undefined && pid > 0 && !ancestors.has(pid)) {
    ancestors.add(pid)
    pid = (await readStat(pid))?.parent
  }
  return ancestors
}

async function readStat(pid: number): Promise<ProcessStat | undefined> {
  const text = await readOfProcess(`/proc/${pid}/stat`)
  return text && parseStat(text.toString('latin1'))
}

/** With a zero byte on both sides of each variable; undefined for a process of somebody else. */
async function readEnvironment(pid: number): Promise<Buffer | undefined> {
  const text = await readOfProcess(`/proc/${pid}/environ`)
  return text && Buffer.concat([Buffer.of(0), text])
}

/** A file of a process, or undefined when that has ended or is none of ours. */
async function readOfProcess(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    switch (systemCode(error)) {
      case 'ENOENT':
      case 'ESRCH':
      case 'EACCES':
      case 'EPERM':
        return undefined
      default:
        throw error
    }
  }
}
