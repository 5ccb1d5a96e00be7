import { setTimeout as delay } from 'node:timers/promises'
import type { CancelHow } from '#contract/run.ts'
import type { Member, Platform, ProcessIdentity, StopSignal } from '../platform/platform.ts'
import { MARKER } from './command-environment.ts'

/** What a command gets to end by itself, in milliseconds, unless the composition says otherwise. */
export const DEFAULT_GRACE_MS = 10_000

/** A survey of the processes costs 7 ms of the pool for a hundred of them: look often at first, when most have ended. */
const FIRST_LOOK_MS = 10
const LONGEST_LOOK_MS = 250

/** No process group has this number, so that only the marker decides. */
const NO_GROUP = -1

export interface StopOptions {
  readonly platform: Platform
  /** The command itself, which leads its process group; undefined when it was never recorded. */
  readonly leader: ProcessIdentity | undefined
  /** The value of the marker that its descendants carry. */
  readonly marker: string
  /** The wrapper, which must live to write down the end. */
  readonly wrapperPid: number
  readonly graceMs: number
}

/**
 * Stops a command with all its descendants, those in sessions of their own too: lets halted ones go on, asks them to
 * end, and after the grace ends them. Resolves only when none is left.
 */
export async function stopCommand(options: StopOptions): Promise<CancelHow> {
  const { platform, leader, marker, wrapperPid, graceMs } = options
  const group = leader?.pid ?? NO_GROUP

  /** Whoever belongs to the command. A group's number counts only while its leader lives: later it may be another's. */
  async function survey(): Promise<{ members: readonly Member[]; groupIsOurs: boolean }> {
    const found = await platform.members(group, { name: MARKER, value: marker })
    const groupIsOurs = leader !== undefined && (await platform.isAlive(leader))
    const members = found.filter(({ pid, marked }) => pid !== wrapperPid && (marked || groupIsOurs))
    return { members, groupIsOurs }
  }

  function send(signal: StopSignal, { members, groupIsOurs }: Awaited<ReturnType<typeof survey>>): void {
    if (groupIsOurs) platform.signal(-group, signal)
    for (const member of members)
      if (!groupIsOurs || member.group !== group) platform.signal(member.pid, signal)
  }

  const asked = await survey()
  send('SIGCONT', asked)
  send('SIGTERM', asked)
  const graceEnd = performance.now() + graceMs
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    if ((await survey()).members.length === 0) return 'terminated'
    const left = graceEnd - performance.now()
    if (left <= 0) break
    await delay(Math.min(pause, left))
  }
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, LONGEST_LOOK_MS)) {
    const remaining = await survey()
    if (remaining.members.length === 0) return 'killed'
    send('SIGKILL', remaining)
    await delay(pause)
  }
}
