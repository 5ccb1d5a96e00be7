import { readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import type { RunId } from '#contract/run.ts'
import type { ProcessIdentity } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'

/** The files of one attempt at a command; the wrapper describes those that it writes itself. */
export interface Attempt {
  readonly folder: string
  /** The marker that the command and its descendants carry in their environment; there before they are. */
  readonly intent: string
  readonly wrapper: string
  readonly command: string
  readonly output: string
  /** What the command reads: its text, or a pipe for as long as that is open. */
  readonly input: string
  /** What is typed into its terminal, and the sizes that this is to have: pipes, for as long as it runs in one. */
  readonly keys: string
  readonly size: string
  /** A link to the named pipe that its standard output goes to, where it is part of a pipe. */
  readonly stdout: string
  readonly exit: string
  /** Standard error alone, and where it is in the output, where it is told apart. */
  readonly errors: string
  readonly apart: string
  /** What of the output was not kept, where its log had become too large. */
  readonly gap: string
  /** Where the lines of a long output are, kept once it is complete. */
  readonly lines: string
  /** When its bytes came, as they were seen to. */
  readonly times: string
  /** The same three of `errors`. */
  readonly errorsGap: string
  readonly errorsLines: string
  readonly errorsTimes: string
  /** What it has used of the machine, sample by sample. */
  readonly usage: string
  /** What the wrapper itself had to complain about; empty as a rule. */
  readonly trouble: string
}

/** Where an attempt of a run lies. @param runsFolder absolute path @param number from 1 */
export function attemptOf(runsFolder: string, id: RunId, number = 1): Attempt {
  const folder = join(runsFolder, String(id), String(number))
  // Joined by hand: these twenty are made several times for each of thousands of commands.
  const beside = `${folder}${sep}`
  return {
    folder,
    intent: `${beside}intent`,
    wrapper: `${beside}wrapper`,
    command: `${beside}command`,
    output: `${beside}output`,
    input: `${beside}input`,
    keys: `${beside}keys`,
    size: `${beside}size`,
    stdout: `${beside}stdout`,
    exit: `${beside}exit`,
    errors: `${beside}errors`,
    apart: `${beside}apart`,
    gap: `${beside}gap`,
    lines: `${beside}lines`,
    times: `${beside}times`,
    errorsGap: `${beside}errors-gap`,
    errorsLines: `${beside}errors-lines`,
    errorsTimes: `${beside}errors-times`,
    usage: `${beside}usage`,
    trouble: `${beside}trouble`,
  }
}

/** The text of a small file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Reads a record of pid, start time and boot id; undefined when it is not there or is none. */
export async function readIdentity(path: string): Promise<ProcessIdentity | undefined> {
  return parseIdentity((await readIfThere(path))?.split('\n') ?? [])
}

/** A record has a pid, a start time and a boot id. */
export const IDENTITY_FIELDS = 3

/** Understands the first fields as a record of who a process is; undefined when they are none. */
export function parseIdentity([pid, startTime, bootId]: readonly string[]): ProcessIdentity | undefined {
  return startTime && bootId && /^[1-9]\d*$/.test(pid ?? '')
    ? { pid: Number(pid), startTime, bootId }
    : undefined
}
