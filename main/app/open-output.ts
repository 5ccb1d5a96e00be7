import { symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { shell } from 'electron'
import { failed } from '#kit/request-failed.ts'
import { expectFile } from './show-file.ts'

/**
 * Opens an output with the system's program for logs, under a name that says what it is: whatever a command has written, its
 * ending keeps it from being run.
 * @param output absolute path of its file.
 * @param name for the link beside it, without the ending.
 * @throws RequestFailed `not-found`, `invalid-params`
 */
export async function openOutput(output: string, name: string): Promise<Record<string, never>> {
  await expectFile(output)
  const link = join(dirname(output), `${name}.log`)
  try {
    await symlink(basename(output), link)
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    if (!isThere)
      throw failed('invalid-params', `${output} could not be opened as ${link}: ${String(error)}.`)
  }
  const trouble = await shell.openPath(link)
  if (trouble !== '')
    throw failed(
      'invalid-params',
      `${link} could not be opened: ${trouble}. Choose a program for .log files in the system's settings, or show the file.`,
    )
  return {}
}
