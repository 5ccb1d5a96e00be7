import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { putOnPath } from './path-fixture.ts'
import { ensureSystemPackages, type SystemPackagesOptions } from './system-packages.ts'
import type { SystemNeed } from './system-need.ts'
import { setupFailure } from './setup-failure-fixture.ts'

const GTK: SystemNeed = {
  what: 'the library libgtk-3.so.0',
  debian: ['libgtk-3-0t64', 'libgtk-3-0'],
  rpm: 'libgtk-3.so.0()(64bit)',
}
const MAKE: SystemNeed = { what: 'make', debian: ['make'], rpm: 'make' }

/** Writes down how it was called; whatever it is told to install would need root and a network otherwise. */
const APT_GET = 'echo "$@" >> "${0%/*}/calls"'
/** A release that knows the old name of GTK's package only. */
const APT_CACHE = 'for name; do :; done; test "$name" != libgtk-3-0t64'

function options(change: Partial<SystemPackagesOptions>): SystemPackagesOptions {
  return {
    find: () => Promise.resolve([GTK, MAKE]),
    forWhat: 'Electron 33.2.1',
    isRoot: false,
    signal: new AbortController().signal,
    say: () => {},
    ...change,
  }
}

/** Finds everything missing once and nothing after that, as an installation does. */
function findsOnce(): () => Promise<SystemNeed[]> {
  let looked = 0
  return () => Promise.resolve(looked++ === 0 ? [GTK, MAKE] : [])
}

describe('ensureSystemPackages', () => {
  test('does nothing when nothing is missing', async () => {
    await putOnPath({}, 'hidden')
    await ensureSystemPackages(options({ find: () => Promise.resolve([]) }))
  })

  test('installs as root what is missing, by the names that this release knows', async () => {
    const folder = await putOnPath({ 'apt-get': APT_GET, 'apt-cache': APT_CACHE }, 'kept')
    const lines: string[] = []
    await ensureSystemPackages(options({ isRoot: true, find: findsOnce(), say: (line) => lines.push(line) }))
    expect(lines).toEqual(['Installing with apt-get, for Electron 33.2.1: libgtk-3-0 make'])
    expect((await readFile(join(folder, 'calls'), 'utf8')).split('\n')).toEqual([
      '--version',
      '--quiet update',
      '--quiet install --yes --no-install-recommends libgtk-3-0 make',
      '',
    ])
  })

  test('gives anyone else the exact command, and installs nothing', async () => {
    const folder = await putOnPath({ 'apt-get': APT_GET, 'apt-cache': APT_CACHE }, 'kept')
    const failure = await setupFailure(ensureSystemPackages(options({})))
    expect(failure.code).toBe('missing-packages')
    expect(failure.message).toBe(
      'Electron 33.2.1 needs what this machine lacks: the library libgtk-3.so.0, make.\nInstall it with:\n\n' +
        '  sudo apt-get install --no-install-recommends libgtk-3-0 make\n\nand run the same command again.',
    )
    expect(await readFile(join(folder, 'calls'), 'utf8')).toBe('--version\n')
  })

  test('shows the end of what apt-get said when it fails', async () => {
    const fails = 'test "$1" = --version && exit; echo "E: Unable to fetch some archives" >&2; exit 100'
    await putOnPath({ 'apt-get': fails, 'apt-cache': APT_CACHE }, 'kept')
    const failure = await setupFailure(ensureSystemPackages(options({ isRoot: true })))
    expect(failure.code).toBe('missing-packages')
    expect(failure.message).toMatch(/apt-get update.*failed.*Unable to fetch some archives/s)
  })

  test('says what is still missing after an installation that changed nothing', async () => {
    await putOnPath({ 'apt-get': APT_GET, 'apt-cache': APT_CACHE }, 'kept')
    const failure = await setupFailure(ensureSystemPackages(options({ isRoot: true })))
    expect(failure.code).toBe('missing-packages')
    expect(failure.message).toContain('lacks: the library libgtk-3.so.0, make.')
  })

  test('gives the command of dnf where that is the package manager', async () => {
    await putOnPath({ dnf: 'exit 0' }, 'hidden')
    const failure = await setupFailure(ensureSystemPackages(options({ isRoot: true })))
    expect(failure.message).toContain("sudo dnf install 'libgtk-3.so.0()(64bit)' 'make'")
  })

  test('names what is missing where no package manager is known', async () => {
    await putOnPath({}, 'hidden')
    const failure = await setupFailure(ensureSystemPackages(options({})))
    expect(failure.message).toMatch(
      /libgtk-3\.so\.0, make\.\nInstall it with the package manager of this system/,
    )
  })
})
