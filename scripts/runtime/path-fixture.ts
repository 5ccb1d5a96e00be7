import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temporary-folder-fixture.ts'

/**
 * Puts programs on the path until the current test has finished.
 *
 * @param programs name to shell script
 * @param rest what else is on the path: everything that was there, or only these programs
 * @returns the folder that holds them
 */
export async function putOnPath(programs: Record<string, string>, rest: 'kept' | 'hidden'): Promise<string> {
  const folder = await temporaryFolder()
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
  const before = process.env['PATH']
  process.env['PATH'] = rest === 'kept' ? [folder, before].join(delimiter) : folder
  onTestFinished(() => {
    process.env['PATH'] = before
  })
  return folder
}
