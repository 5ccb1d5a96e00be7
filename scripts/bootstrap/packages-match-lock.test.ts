import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../runtime/temporary-folder-fixture.ts'
import { packagesMatchLock } from './packages-match-lock.mjs'

type Packages = Record<string, { version: string; integrity?: string; optional?: boolean }>

const LOCKED: Packages = {
  '': { version: '1.0.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/windows-only': { version: '2.0.0', optional: true },
}
const INSTALLED: Packages = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } }

async function checkout(installed: Packages | string | null): Promise<string> {
  const root = await temporaryFolder()
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: LOCKED }))
  await mkdir(join(root, 'node_modules'))
  if (installed !== null) {
    const content = typeof installed === 'string' ? installed : JSON.stringify({ packages: installed })
    await writeFile(join(root, 'node_modules', '.package-lock.json'), content)
  }
  return root
}

test.each<[string, Packages | string | null, boolean]>([
  ['match when only an optional one is absent', INSTALLED, true],
  ['do not match when nothing was installed', null, false],
  ['do not match when one is absent', {}, false],
  [
    'do not match when one has another version',
    { 'node_modules/a': { version: '1.1.0', integrity: 'sha512-a' } },
    false,
  ],
  [
    'do not match when one has other content',
    { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } },
    false,
  ],
  ['match when there is one too many', { ...INSTALLED, 'node_modules/b': { version: '1.0.0' } }, true],
  ["do not match when npm's record was cut off", '{"packages": {', false],
])('packages %s', async (_, installed, expected) => {
  expect(await packagesMatchLock(await checkout(installed))).toBe(expected)
})

test('packages do not match in a folder without a lock file', async () => {
  expect(await packagesMatchLock(await temporaryFolder())).toBe(false)
})
