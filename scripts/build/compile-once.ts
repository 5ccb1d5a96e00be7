import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand, type CommandResult } from '../process/run-command.ts'

/** Something that is compiled from C; all paths are relative to the checkout. */
export interface Compilation {
  /** The compiler and its arguments. Where the first fails, the next is tried. */
  readonly commands: readonly (readonly string[])[]
  /** Everything that the output is made of. */
  readonly files: readonly string[]
  readonly output: string
  /** Where is noted of what the output was made. */
  readonly stamp: string
}

export type Compiled =
  | { readonly kind: 'compiled' }
  | { readonly kind: 'no-compiler'; readonly compiler: string }
  /** With what the compiler had to say. */
  | { readonly kind: 'refused'; readonly said: string }

/** Compiles if what it is made of has changed since the last time. No older output is left when that fails. */
export async function compileOnce(
  root: string,
  { commands, files, output, stamp }: Compilation,
  signal: AbortSignal,
): Promise<Compiled> {
  const hash = await hashOf(root, files, commands)
  if ((await textOf(join(root, stamp))) === hash) return { kind: 'compiled' }
  await mkdir(join(root, dirname(output)), { recursive: true })
  await rm(join(root, stamp), { force: true })
  await rm(join(root, output), { force: true })
  let said = ''
  for (const command of commands) {
    const result = await compile(root, command, signal)
    if (result === undefined) return { kind: 'no-compiler', compiler: command[0] ?? '' }
    if (result.code === 0) {
      await writeFile(join(root, stamp), hash)
      return { kind: 'compiled' }
    }
    said = (result.stderr + result.stdout).trimEnd()
  }
  return { kind: 'refused', said }
}

/** @returns undefined when there is no such compiler */
async function compile(
  root: string,
  [compiler = '', ...rest]: readonly string[],
  signal: AbortSignal,
): Promise<CommandResult | undefined> {
  try {
    return await runCommand(compiler, rest, { signal, cwd: root })
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function hashOf(
  root: string,
  files: readonly string[],
  commands: Compilation['commands'],
): Promise<string> {
  const words = commands.map((command) => command.join(' ')).join('\n')
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${words}`)
  for (const name of files) hash.update(name).update(await readFile(join(root, name)))
  return hash.digest('hex')
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
