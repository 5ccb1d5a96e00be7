import { readFile, readlink } from 'node:fs/promises'
import { systemCode } from './system-code.ts'

/** Of a command's processes: whoever asks is one of the first, and a build may have thousands. */
const MOST_PROCESSES = 64

interface Calls {
  /** Those that read from the file descriptor that is their first argument. */
  readonly read: readonly number[]
  /** Those that wait for any of several. */
  readonly wait: readonly number[]
}

/** Numbers of system calls: read, readv; select, pselect6, poll, ppoll. See syscalls(2) and the tables of the kernel. */
const CALLS: Partial<Record<NodeJS.Architecture, Calls>> = {
  x64: { read: [0, 19], wait: [7, 23, 270, 271] },
  arm64: { read: [63, 65], wait: [72, 73] },
}

/** Where the kernel lets a process sleep that reads from a terminal or a pipe. */
const SLEEPS = new Set(['wait_woken', 'n_tty_read', 'pipe_read', 'anon_pipe_read', 'fifo_pipe_read'])
const TERMINAL = /^\/dev\/(?:pts\/\d+|tty)/u

/**
 * Whether a process, or one below it, waits to read what the first one's standard input or terminal brings, by what the kernel
 * says of the call that it is in. Where that is closed to us (as with `ptrace_scope` for a command that was taken over), by
 * the place in the kernel where it sleeps. A program that waits for events of any kind is taken to wait for input only
 * where it has a terminal: otherwise most of them wait for something else.
 * @returns undefined where neither is told.
 */
export async function awaitsInput(pid: number): Promise<boolean | undefined> {
  const input = await linkOf(pid, 0)
  const pids = [pid]
  let known = false
  for (let at = 0; at < pids.length && at < MOST_PROCESSES; at += 1) {
    const each = pids[at] ?? pid
    const waits = await waitsFor(each, input)
    if (waits) return true
    known ||= waits === false
    pids.push(...(await childrenOf(each)))
  }
  return known ? false : undefined
}

async function waitsFor(pid: number, input: string | undefined): Promise<boolean | undefined> {
  const isInput = (link: string | undefined): boolean =>
    link !== undefined && (TERMINAL.test(link) || link === input)
  const calls = CALLS[process.arch]
  const call = await readOf(pid, 'syscall')
  if (call !== undefined && calls) {
    // "running", or the number of the call and its arguments.
    const [number = NaN, first = NaN] = call.split(' ').map(Number)
    if (calls.read.includes(number)) return isInput(await linkOf(pid, first))
    return calls.wait.includes(number) && TERMINAL.test((await linkOf(pid, 0)) ?? '')
  }
  const place = await readOf(pid, 'wchan')
  if (place === undefined || place === '' || place === '0') return undefined
  return SLEEPS.has(place) && isInput(await linkOf(pid, 0))
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readOf(pid, `task/${pid}/children`)
  return text?.split(' ').filter(Boolean).map(Number) ?? []
}

async function readOf(pid: number, file: string): Promise<string | undefined> {
  try {
    return (await readFile(`/proc/${pid}/${file}`, 'latin1')).trim()
  } catch (error) {
    return passOver(error)
  }
}

async function linkOf(pid: number, descriptor: number): Promise<string | undefined> {
  if (!Number.isSafeInteger(descriptor)) return undefined
  try {
    return await readlink(`/proc/${pid}/fd/${descriptor}`)
  } catch (error) {
    return passOver(error)
  }
}

/** A process that has ended, or is none of ours, tells nothing. @throws whatever else went wrong */
function passOver(error: unknown): undefined {
  if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(systemCode(error))) return undefined
  throw error
}
