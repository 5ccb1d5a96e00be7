import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** @returns the path of a new folder that is removed when the current test has finished */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-unit-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}
