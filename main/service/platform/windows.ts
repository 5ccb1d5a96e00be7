import type { Environment, Invocation, Platform } from './platform.ts'
import { sendSignal } from './send-signal.ts'

/** What Windows itself takes when the variable is not set. */
const FALLBACK_SHELL = 'C:\\Windows\\System32\\cmd.exe'
const FALLBACK_EXTENSIONS = '.COM;.EXE;.BAT;.CMD'

/** Names of variables are told apart without their case. */
export function windowsVariable(environment: Environment, name: string): string | undefined {
  const key = Object.keys(environment).find((candidate) => candidate.toUpperCase() === name.toUpperCase())
  return key === undefined ? undefined : environment[key]
}

/** `/d` runs no autorun of the registry, `/s` keeps the quotes of the line as they are. */
export function windowsShell(line: string, environment: Environment): Invocation {
  return {
    program: windowsVariable(environment, 'COMSPEC') || FALLBACK_SHELL,
    args: ['/d', '/s', '/c', `"${line}"`],
  }
}

/** A program with an extension is looked for as it is, one without with each of PATHEXT. */
export function windowsProgramNames(program: string, environment: Environment): readonly string[] {
  if (/\.[^\\/.]+$/.test(program)) return [program]
  const extensions = windowsVariable(environment, 'PATHEXT') || FALLBACK_EXTENSIONS
  return extensions
    .split(';')
    .filter(Boolean)
    .map((extension) => program + extension.toLowerCase())
}

/**
 * Windows. There is no wrapper for it yet, so commands are refused there, with a message: queries work.
 * A process that was started from the app would end with it, unless it breaks away from the app's job object.
 */
export const windows: Platform = {
  shell: windowsShell,
  wrapper: () => null,
  pump: () => null,
  variable: windowsVariable,
  programNames: windowsProgramNames,
  signal: sendSignal,
  // Not told by anything that every such system has: what a command has written then decides.
  awaitsInput: () => Promise.resolve(undefined),
  treeMeter: () => null,
  freeRange: () => Promise.resolve(false),
  isSameBoot: () => Promise.resolve(true),
  isAlive: () => Promise.resolve(false),
  members: () => Promise.resolve([]),
}
