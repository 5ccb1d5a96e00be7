import type { CancelHow, CommandSpec, RunId } from '#contract/run.ts'
import type { Platform, ProcessIdentity } from '../platform/platform.ts'
import { readIfThere, type Attempt } from './attempt.ts'
import type { CommandInput } from './command-input.ts'
import type { ProcessTreeOptions } from './process-tree.ts'

/** A command that has begun, as its start or its records tell. */
export interface BegunCommand {
  readonly id: RunId
  readonly spec: CommandSpec
  /** Of its attempt. */
  readonly number: number
  readonly attempt: Attempt
  readonly startedAt: number
  readonly wrapper: ProcessIdentity | undefined
  readonly leader: ProcessIdentity | undefined
}

/** A command that has begun and whose end is not written yet. */
export interface LiveCommand extends BegunCommand {
  /** Set once its stop was asked for. */
  stopped: Promise<CancelHow> | undefined
  /** Aborted once it was asked that it be stopped without grace. */
  readonly hurry: AbortController
  /** Its final state is being written: too late to stop it. */
  ending: boolean
  readonly input: CommandInput
}

/** What its processes are found by. @throws Error when its marker is gone. */
export async function treeOf(
  platform: Platform,
  { id, attempt, leader, wrapper }: BegunCommand,
): Promise<ProcessTreeOptions> {
  const marker = await markerOf(attempt)
  if (!marker) throw new Error(`The marker of run ${id} is gone.`)
  return { platform, leader, marker, wrapperPid: wrapper?.pid ?? 0 }
}

/** What all processes of an attempt carry in their environment; undefined or empty when it was never made. */
export async function markerOf(attempt: Attempt): Promise<string | undefined> {
  return (await readIfThere(attempt.intent))?.trim()
}
