import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { DEFAULT_TERMS } from '#contract/terms.ts'
import { askThread } from '../backup/ask-thread.ts'
import { backupFolder } from '../backup/kept-backups.ts'
import { databaseFile, openFixture, temporaryFolder } from '../database-fixture.ts'
import { MIGRATIONS } from '../locations-fixture.ts'

const WORKER = new URL('../backup/worker.ts', import.meta.url)
const AT = Date.UTC(2026, 10, 24)
const QUEUED = { kind: 'queued', reasons: [{ kind: 'pool-full', pool: 'p', limit: 1 }] }
const STARTING = { kind: 'queued', reasons: [{ kind: 'starting' }] }
const { signal } = new AbortController()

const replace = (folder: string, backup: string | null) =>
  askThread(
    WORKER,
    { kind: 'replace', file: databaseFile(folder), migrations: MIGRATIONS, backup, at: AT },
    signal,
  )

/** An app database with a backup: run 1 is done, 2 and 3 wait, 4 is a query that waits in no pool. Then it is damaged. */
async function damaged(): Promise<{ folder: string; name: string; bytes: Buffer }> {
  const folder = await temporaryFolder()
  const database = await openFixture(folder)
  await database.close()
  const db = new Sqlite(databaseFile(folder))
  const add = db.prepare(
    `INSERT INTO runs (kind, created_at, spec, state_kind, state, progress, terms)
     VALUES (?, 1, '{}', ?, ?, '{}', ?)`,
  )
  const terms = JSON.stringify(DEFAULT_TERMS)
  add.run('command', 'done', '{"kind":"done"}', terms)
  add.run('command', 'queued', JSON.stringify(QUEUED), terms)
  add.run('command', 'queued', JSON.stringify(QUEUED), terms)
  add.run('query', 'queued', JSON.stringify(STARTING), null)
  db.prepare("INSERT INTO schedules (content, next_at) VALUES ('{}', 5), ('{}', NULL)").run()
  db.close()
  const { name } = await askThread(WORKER, { kind: 'back-up', file: databaseFile(folder), at: AT }, signal)
  const bytes = readFileSync(databaseFile(folder)).fill(0xa5, 0, 500)
  writeFileSync(databaseFile(folder), bytes)
  writeFileSync(`${databaseFile(folder)}-wal`, 'its log')
  return { folder, name, bytes }
}

function rowsOf(folder: string, sql: string): unknown[] {
  const db = new Sqlite(databaseFile(folder), { readonly: true })
  try {
    return db.prepare(sql).raw().all()
  } finally {
    db.close()
  }
}

/** Without what SQLite shares between processes, which holds nothing. */
function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.endsWith('-shm'))
    .sort()
}

test('a backup takes the place of a damaged database, which is kept byte for byte with its log', async () => {
  const { folder, name, bytes } = await damaged()
  const { kept } = await replace(folder, name)
  expect(readFileSync(kept)).toEqual(bytes)
  expect(readFileSync(`${kept}-wal`, 'utf8')).toBe('its log')
  expect(rowsOf(folder, 'SELECT id FROM runs')).toHaveLength(4)
  expect(filesIn(folder)).toEqual(['backups', 'offloop.sqlite', basename(kept), `${basename(kept)}-wal`])
  const database = await openFixture(folder)
  await database.close()
})

test('nothing starts by itself from a backup: what waits is held, and schedules are off', async () => {
  const { folder, name } = await damaged()
  expect(await replace(folder, name)).toMatchObject({ held: 2, schedules: 1, found: 0 })
  expect(rowsOf(folder, "SELECT id, terms ->> 'held' FROM runs WHERE terms IS NOT NULL")).toEqual([
    [1, 0],
    [2, 1],
    [3, 1],
  ])
  expect(rowsOf(folder, 'SELECT next_at FROM schedules')).toEqual([[null], [null]])
})

test('a command that was started after the backup is not started again: its records are looked up', async () => {
  const { folder, name } = await damaged()
  mkdirSync(join(folder, 'runs', '2', '1'), { recursive: true })
  // Run 1 was restarted, run 7 was added.
  mkdirSync(join(folder, 'runs', '1', '2'), { recursive: true })
  mkdirSync(join(folder, 'runs', '7', '1'), { recursive: true })
  mkdirSync(join(folder, 'results', '9'), { recursive: true })
  expect(await replace(folder, name)).toMatchObject({ held: 1, found: 1 })
  const starting = JSON.stringify(STARTING)
  expect(
    rowsOf(folder, "SELECT id, attempt, state_kind, state FROM runs WHERE kind = 'command' ORDER BY id"),
  ).toEqual([
    [1, 2, 'queued', starting],
    [2, 1, 'queued', starting],
    [3, 1, 'queued', JSON.stringify(QUEUED)],
    [7, 1, 'queued', starting],
  ])
  expect(rowsOf(folder, "SELECT seq FROM sqlite_sequence WHERE name = 'runs'")).toEqual([[9]])
})

test('an empty database gives no number a second time, and has the commands whose output is there', async () => {
  const { folder } = await damaged()
  mkdirSync(join(folder, 'runs', '12', '3'), { recursive: true })
  expect(await replace(folder, null)).toMatchObject({ held: 0, found: 1, schedules: 0 })
  expect(rowsOf(folder, 'SELECT id, attempt FROM runs')).toEqual([[12, 3]])
  expect(rowsOf(folder, "SELECT seq FROM sqlite_sequence WHERE name = 'runs'")).toEqual([[12]])
})

test('what cannot be put back changes nothing', async () => {
  const { folder, name, bytes } = await damaged()
  const file = join(backupFolder(databaseFile(folder)), name)
  await expect(replace(folder, 'other.db')).rejects.toThrow('There is no backup "other.db"')
  await expect(replace(folder, `../${name}`)).rejects.toThrow('There is no backup')
  const backup = readFileSync(file)
  writeFileSync(file, backup.fill(0xa5, 4_096 * 3, 4_096 * 9))
  await expect(replace(folder, name)).rejects.toThrow('damaged')
  rmSync(file)
  await expect(replace(folder, name)).rejects.toThrow('There is no backup')
  expect(readFileSync(databaseFile(folder))).toEqual(bytes)
  expect(filesIn(folder)).toEqual(['backups', 'offloop.sqlite', 'offloop.sqlite-wal'])
})

test('backups are described with the runs in them, and one that cannot be read as such', async () => {
  const { folder, name } = await damaged()
  const describe = () => askThread(WORKER, { kind: 'describe', file: databaseFile(folder) }, signal)
  expect(await describe()).toMatchObject([{ name, at: AT, runs: 4 }])
  writeFileSync(join(backupFolder(databaseFile(folder)), name), 'no database')
  expect(await describe()).toMatchObject([{ name, runs: null, bytes: 11 }])
})
