import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'playwright/test'
import { openCommandLine, type CommandLine } from './offloop.ts'

let offloop: CommandLine
test.beforeEach(async () => {
  offloop = await openCommandLine()
})
test.afterEach(() => offloop.close())

async function done(...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await offloop.run(words)
  expect(status, `${words.join(' ')}: ${stderr}`).toBe(0)
  return stdout
}
const database = (): string => join(offloop.profile, 'offloop.db')

/** Copies the app's own database as it is now to where its backups are. */
async function backUp(): Promise<void> {
  const to = join(offloop.profile, 'backups', '00001-20261124T080000Z.db')
  await mkdir(dirname(to), { recursive: true })
  const db = new Database(database(), { readonly: true })
  await db.backup(to)
  db.close()
}

/** Overwrites its beginning while Offloop does not run. */
async function damage(): Promise<Buffer> {
  await done('quit')
  const bytes = (await readFile(database())).fill(0xa5, 0, 500)
  await writeFile(database(), bytes)
  return bytes
}

test('a backup is put back: nothing is lost that it has, nothing starts twice, and what came after it is found', async () => {
  const log = join(offloop.folder, 'started')
  const note = (what: string): string[] => ['--', 'sh', '-c', `echo ${what} >> '${log}'; echo ${what}`]
  await done('run', '--wait', ...note('first'))
  await done('pool', 'add', 'slow', '--concurrency', '1')
  await done('pool', 'pause', 'slow')
  const waiting = (await done('run', '--pool', 'slow', ...note('waiting'))).trim()
  const since = (await done('run', '--pool', 'slow', ...note('since'))).trim()
  await backUp()
  await done('cancel', waiting)
  await done('pool', 'resume', 'slow')
  await done('wait', since)
  const later = (await done('run', ...note('later'))).trim()
  await done('wait', later)
  const alive = (await done('run', '--', 'sleep', '600')).trim()
  expect(await done('recover')).toContain('in order')
  expect((await offloop.run(['recover', '--from', '1'])).stderr).toContain('is in order')
  const bytes = await damage()

  const refused = await offloop.run(['recover'])
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('is damaged')
  expect(refused.stdout).toMatch(/1 .*2026-11-24T08:00:00.000Z.* 3\b/)
  expect((await offloop.run(['ls'])).stderr).toContain('offloop recover')
  expect((await offloop.run(['recover', '--from', '2'])).stderr).toContain('There is no backup 2')

  const words = await done('recover', '--from', '1')
  expect(words).toContain('2026-11-24T08:00:00.000Z was put back')
  expect(words).toContain('held: 1')
  expect(words).toContain('found by their output: 2')
  const kept = (await readdir(offloop.profile)).find((name) => /^offloop\.db\.damaged-\d+T\d+Z$/.test(name))
  expect(bytes.equals(await readFile(join(offloop.profile, kept ?? '')))).toBe(true)

  await expect(() => done('ls')).toPass()
  const state = async (id: string): Promise<string> =>
    (JSON.parse(await done('show', id, '--json')) as { state: string }).state
  expect(await state(waiting)).toBe('queued')
  expect(await state(since)).toBe('done')
  expect(await state(later)).toBe('done')
  expect(await done('log', later)).toBe('later\n')
  expect(await state(alive)).toBe('running')
  await done('cancel', alive)
  expect((await readFile(log, 'utf8')).split('\n')).toEqual(['first', 'since', 'later', ''])
  await done('resume', waiting)
  // The pool was paused when the backup was made.
  await done('pool', 'resume', 'slow')
  await done('wait', waiting)
  expect((await readFile(log, 'utf8')).split('\n')).toEqual(['first', 'since', 'later', 'waiting', ''])
})

test('without a backup, an empty database takes the place of a damaged one', async () => {
  const first = (await done('run', '--', 'echo', 'kept')).trim()
  await done('wait', first)
  await damage()
  expect(await done('recover', '--empty')).toContain('begins with an empty database')
  await expect(() => done('ls')).toPass()
  expect(await done('log', first)).toBe('kept\n')
  const next = (await done('run', '--', 'true')).trim()
  expect(Number(next)).toBeGreaterThan(Number(first))
})

test('wrong words are told, and change nothing', async () => {
  for (const [words, complaint] of [
    [['recover', 'x'], 'is too much'],
    [['recover', '--from', 'newest'], 'no place in the list'],
    [['recover', '--from', '1', '--empty'], 'not both'],
  ] as const) {
    const { status, stderr } = await offloop.run(words)
    expect(status).toBe(2)
    expect(stderr).toContain(complaint)
  }
})
