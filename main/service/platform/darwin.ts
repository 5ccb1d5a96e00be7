import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { darwinTreeMeter } from './darwin-tree-meter.ts'
import type { Invocation, Member, Platform, ProcessIdentity } from './platform.ts'
import { posixPump, posixShell, posixWrapper } from './posix.ts'
import { sendSignal } from './send-signal.ts'

const run = promisify(execFile)

/** The most that `ps` may print: a thousand processes with environments of 64 KB. In bytes. */
const MAX_PS_BYTES = 64 * 1024 * 1024

/** What asks for the start time and state of a process. */
export function askIdentity(pid: number): Invocation {
  return { program: '/bin/ps', args: ['-o', 'lstart=,stat=', '-p', String(pid)] }
}

/** What asks when the system was started. */
const askBoot: Invocation = { program: '/usr/sbin/sysctl', args: ['-n', 'kern.boottime'] }

/** What lists all processes of this person with the environments that they began with. */
export const askProcesses: Invocation = {
  program: '/bin/ps',
  args: ['-axwwE', '-o', 'pid=,ppid=,pgid=,stat=,command='],
}

/** Reads `ps -o lstart=,stat=`, such as `Mon Nov  3 09:12:44 2025     S+`; undefined for none or a zombie. */
export function parseIdentity(text: string): string | undefined {
  const match = /^\s*(\S.*\d{4})\s+(\S+)\s*$/.exec(text)
  const [, startTime, state] = match ?? []
  return startTime === undefined || state?.startsWith('Z') ? undefined : startTime.replace(/\s+/g, ' ')
}

/** Reads the list of `askProcesses` and picks the members, leaving out `self` and its ancestors. */
export function parseMembers(text: string, self: number, group: number, marker: string): Member[] {
  const processes = text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s(.*)$/.exec(line)
    if (!match) return []
    const [, pid, parent, pgid, state = '', command = ''] = match
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(pgid),
        state,
        marked: ` ${command} `.includes(` ${marker} `),
      },
    ]
  })
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const ancestors = new Set<number>()
  for (let pid: number | undefined = self; pid !== undefined && !ancestors.has(pid); pid = parents.get(pid))
    ancestors.add(pid)
  return processes
    .filter(({ pid, state }) => !ancestors.has(pid) && !state.startsWith('Z'))
    .filter((process) => process.marked || process.group === group)
    .map(({ pid, group: pgid, marked }) => ({ pid, group: pgid, marked }))
}

/** macOS, by way of ps and sysctl: it has no /proc. Not yet run on a Mac. */
export const darwin: Platform = {
  shell: posixShell,
  wrapper: posixWrapper,
  pump: posixPump,
  variable: (environment, name) => environment[name],
  programNames: (program) => [program],
  signal: sendSignal,
  // Not told by anything that every such system has: what a command has written then decides.
  awaitsInput: () => Promise.resolve(undefined),
  treeMeter: darwinTreeMeter,
  // No program of the system does it.
  freeRange: () => Promise.resolve(false),

  async isAlive(identity) {
    const [told, sameBoot] = await Promise.all([outputOf(askIdentity(identity.pid)), isSameBoot(identity)])
    return parseIdentity(told) === identity.startTime && sameBoot
  },
  isSameBoot,

  async members(group, { name, value }) {
    return parseMembers(await outputOf(askProcesses), process.pid, group, `${name}=${value}`)
  },
}

async function isSameBoot({ bootId }: ProcessIdentity): Promise<boolean> {
  return (await outputOf(askBoot)).trim().replace(/\s+/g, ' ') === bootId
}

/** What a program prints; empty when it ends with a failure, as `ps` does for a process that is gone. */
async function outputOf({ program, args }: Invocation): Promise<string> {
  try {
    const { stdout } = await run(program, [...args], {
      maxBuffer: MAX_PS_BYTES,
      env: { LC_ALL: 'C', TZ: 'UTC' },
    })
    return stdout
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'number') return ''
    throw error
  }
}
