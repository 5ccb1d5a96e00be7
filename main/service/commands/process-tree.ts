import { MARKER } from '#contract/environment.ts'
import type { Member, Platform, ProcessIdentity, StopSignal } from '../platform/platform.ts'

/** No process group has this number, so that only the marker decides. */
const NO_GROUP = -1

export interface ProcessTreeOptions {
  readonly platform: Platform
  /** The command itself, which leads its process group; undefined when it was never recorded. */
  readonly leader: ProcessIdentity | undefined
  /** The value of the marker that its descendants carry. */
  readonly marker: string
  /** The wrapper, which must live to write down the end. */
  readonly wrapperPid: number
}

/** Whoever belongs to a command at one moment. */
export interface Survey {
  readonly members: readonly Member[]
  readonly groupIsOurs: boolean
}

/** A command with all its descendants, those in sessions of their own too. */
export function processTree({ platform, leader, marker, wrapperPid }: ProcessTreeOptions) {
  const group = leader?.pid ?? NO_GROUP
  return {
    /** Who is alive. A group's number counts only while its leader lives: later it may be another's. */
    async survey(): Promise<Survey> {
      const found = await platform.members(group, { name: MARKER, value: marker })
      const groupIsOurs = leader !== undefined && (await platform.isAlive(leader))
      const members = found.filter(({ pid, marked }) => pid !== wrapperPid && (marked || groupIsOurs))
      return { members, groupIsOurs }
    },

    send(signal: StopSignal, { members, groupIsOurs }: Survey): void {
      if (groupIsOurs) platform.signal(-group, signal)
      for (const member of members)
        if (!groupIsOurs || member.group !== group) platform.signal(member.pid, signal)
    },
  }
}
