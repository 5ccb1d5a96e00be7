import type { TestContext } from 'vitest'
import { runCommand, type CommandResult } from '../process/run-command.ts'

export type DiskKind = 'one-megabyte' | 'read-only'

const MOUNT_OPTIONS: Record<DiskKind, string> = { 'one-megabyte': 'size=1m', 'read-only': 'ro' }

/**
 * Runs a script where `folder` is a separate small disk: in a mount namespace of its own, with which the disk disappears.
 * Skips the test, saying why, on a system that does not let this user mount anything.
 *
 * @param folder an existing folder
 * @param script TypeScript that prints one JSON value; its imports are relative to this folder, and `disk` is the folder
 * @returns the printed value
 */
export async function runOnSmallDisk(
  test: TestContext,
  kind: DiskKind,
  folder: string,
  script: string,
): Promise<unknown> {
  const mount = `mount -t tmpfs -o ${MOUNT_OPTIONS[kind]} tmpfs "$1"`
  const trial = await inNamespace(mount, [folder])
  if (trial.code !== 0) test.skip(`this system lets no test mount a small disk: ${trial.stderr.trim()}`)

  const source = `const disk = ${JSON.stringify(folder)}\n${script}`
  const run = await inNamespace(`${mount} && exec "$2" --input-type=module-typescript -e "$3"`, [
    folder,
    process.execPath,
    source,
  ])
  if (run.code !== 0) throw new Error(`the script on the small disk failed:\n${run.stderr}`)
  return JSON.parse(run.stdout)
}

function inNamespace(shellScript: string, words: readonly string[]): Promise<CommandResult> {
  return runCommand('unshare', ['--map-root-user', '--mount', 'sh', '-c', shellScript, 'sh', ...words], {
    cwd: import.meta.dirname,
    signal: new AbortController().signal,
  })
}
