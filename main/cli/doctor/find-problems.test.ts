import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findProblems, type Findings } from './find-problems.ts'
import { measureProfile } from './measure-profile.ts'

const service = {
  role: 'service',
  about: '',
  pid: 7,
  state: 'ready',
  lag: null,
  memoryBytes: null,
  cores: 0,
  restarts: 0,
} as const
const well: Findings = {
  version: '1.0.0',
  profile: '/p',
  log: '/p/log',
  app: { version: '1.0.0', electron: '', node: '', profile: '/p', processes: [service], launcher: 'native' },
  sizes: { database: 1, results: 1, outputs: 1, logs: 1, free: 50_000_000_000 },
}

test('nothing is found where all is well', () => {
  expect(findProblems(well)).toEqual([])
})

test('each problem says what is wrong and what to do', () => {
  const app = well.app && {
    ...well.app,
    version: '0.9.0',
    processes: [{ ...service, state: 'not-responding' as const, restarts: 2 }],
  }
  const found = findProblems({ ...well, app, sizes: { ...well.sizes, free: 12_000_000 } })
  expect(found.map(({ code }) => code)).toEqual(['other-version', 'not-responding', 'restarted', 'disk-full'])
  expect(found.at(-1)?.message).toBe(
    'Only 12 MB are free on the disk of /p. Delete runs, or keep fewer results in the settings.',
  )
  expect(findProblems({ ...well, app: undefined }).map(({ code }) => code)).toEqual(['not-running'])
})

test('the parts of a profile are measured, and what is not there is nothing', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'offloop-doctor-'))
  onTestFinished(() => rmSync(profile, { recursive: true }))
  mkdirSync(join(profile, 'runs', '1', '1'), { recursive: true })
  writeFileSync(join(profile, 'runs', '1', '1', 'output'), 'x'.repeat(1_000))
  writeFileSync(join(profile, 'offloop.db'), 'y'.repeat(10))
  const sizes = await measureProfile(profile, new AbortController().signal)
  expect(sizes).toMatchObject({ database: 10, results: 0, outputs: 1_000, logs: 0 })
  expect(sizes.free).toBeGreaterThan(0)
})
