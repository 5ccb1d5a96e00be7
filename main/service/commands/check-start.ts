import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join, resolve } from 'node:path'
import type { StandardInput } from '#contract/standard-input.ts'
import type { Environment, Invocation, Platform } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'

/** What a command would be started with. */
export interface Start {
  readonly command: Invocation
  readonly folder: string
  readonly standardInput: StandardInput | undefined
  /** The one that the command would get: its PATH decides. */
  readonly environment: Environment
}

/**
 * Says why a command must not even be tried, because the system would start it and do something else; undefined when
 * nothing speaks against that. Everything else is looked at by the system itself, and explained after it has refused.
 */
export async function reasonNotToTry(platform: Platform, start: Start): Promise<string | undefined> {
  const { command, folder, standardInput, environment } = start
  if (!isAbsolute(folder)) return notAbsolute(folder)
  // Without a PATH the system looks in folders of its own choice.
  if (!platform.variable(environment, 'PATH')) {
    const reason = await reasonAgainstProgram(platform, command.program, folder, environment)
    if (reason !== undefined) return reason
  }
  return standardInput?.kind === 'file' ? reasonAgainstInput(standardInput.path) : undefined
}

/** Says why a command cannot be started, in words for the person; undefined when nothing speaks against it. */
export async function reasonAgainst(platform: Platform, start: Start): Promise<string | undefined> {
  const { command, folder, standardInput, environment } = start
  return (
    (await reasonAgainstFolder(folder)) ??
    (standardInput?.kind === 'file' ? await reasonAgainstInput(standardInput.path) : undefined) ??
    (await reasonAgainstProgram(platform, command.program, folder, environment))
  )
}

async function reasonAgainstInput(path: string): Promise<string | undefined> {
  if (!isAbsolute(path))
    return `The file for the standard input, "${path}", is not an absolute path. Choose the file again.`
  try {
    const found = await stat(path)
    if (found.isDirectory()) return inputRefused(path, 'EISDIR')
    // A pipe or a socket would wait for its other end, and nobody could see why.
    if (!found.isFile() && !found.isCharacterDevice())
      return `"${path}" is a pipe or a socket. Give a file, or an open standard input to send to.`
    await access(path, constants.R_OK)
    return undefined
  } catch (error) {
    return inputRefused(path, codeOf(error))
  }
}

/** In words, why a file cannot be a standard input. */
export function inputRefused(path: string, code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `The file for the standard input, "${path}", is not there. Choose another file and start the command again.`
    case 'EACCES':
    case 'EPERM':
      return `You may not read "${path}", which is to be the standard input. Change its permissions, or choose another file.`
    case 'EISDIR':
      return `"${path}" is a folder and cannot be a standard input. Choose a file.`
    default:
      return `"${path}" cannot be the standard input (${code}). Choose another file.`
  }
}

async function reasonAgainstFolder(folder: string): Promise<string | undefined> {
  if (!isAbsolute(folder)) return notAbsolute(folder)
  try {
    if (!(await stat(folder)).isDirectory())
      return `"${folder}" is a file and cannot be a working folder. Choose a folder.`
    await access(folder, constants.X_OK)
    return undefined
  } catch (error) {
    return folderRefused(folder, codeOf(error))
  }
}

async function reasonAgainstProgram(
  platform: Platform,
  program: string,
  folder: string,
  environment: Environment,
): Promise<string | undefined> {
  const hasPath = /[\\/]/.test(program)
  const path = platform.variable(environment, 'PATH') ?? ''
  const places = hasPath ? [''] : path.split(delimiter)
  let code = 'ENOENT'
  for (const place of places)
    for (const name of platform.programNames(program, environment)) {
      const found = await executable(resolve(folder, join(place, name)))
      if (found === 'ok') return undefined
      if (found !== 'ENOENT') code = found
    }
  if (code === 'ENOENT' && !hasPath)
    return `The program "${program}" was not found in any folder of PATH (${path || 'PATH is empty'}). Check its name, or give its full path.`
  return programRefused(program, code)
}

/** `ok`, or the code of what speaks against it. */
async function executable(file: string): Promise<string> {
  try {
    if ((await stat(file)).isDirectory()) return 'EISDIR'
    await access(file, constants.X_OK)
    return 'ok'
  } catch (error) {
    const code = codeOf(error)
    // A folder of PATH that is none, or cannot be looked into, has no program: the system goes on to the next, too.
    return code === 'ENOTDIR' ? 'ENOENT' : code
  }
}

const notAbsolute = (folder: string): string =>
  `The working folder "${folder}" is not an absolute path. Choose the folder again.`

/** In words, why a folder cannot be a working folder. */
export function folderRefused(folder: string, code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return `The working folder "${folder}" is not there any more. Choose another folder and start the command again.`
    case 'EACCES':
    case 'EPERM':
      return `You may not use the working folder "${folder}". Change its permissions, or choose another folder.`
    default:
      return `The working folder "${folder}" cannot be used (${code}). Choose another folder.`
  }
}

/** In words, why a program cannot be started. */
export function programRefused(program: string, code: string): string {
  switch (code) {
    case 'ENOENT':
      return `The program "${program}" does not exist, or the interpreter that its first line names does not. Check its name.`
    case 'EACCES':
    case 'EPERM':
      return `The program "${program}" is not executable. Make it so (chmod +x), or start it with its interpreter.`
    case 'EISDIR':
      return `"${program}" is a folder and cannot be started. Give the path of a program.`
    case 'ENOEXEC':
      return `The program "${program}" is not in a form that this system can start. Start it with its interpreter.`
    case 'E2BIG':
      return `The arguments and environment of "${program}" are longer than this system takes. Put them into a file.`
    default:
      return `The program "${program}" could not be started (${code}). Check that it can be started in a terminal.`
  }
}

function codeOf(error: unknown): string {
  return systemCode(error) || String(error)
}
