import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { databaseFile, openFixture, temporaryFolder } from '../database-fixture.ts'
import { askThread } from './ask-thread.ts'
import { keepBackups } from './keep-backups.ts'
import { backupFolder, listBackups } from './kept-backups.ts'

const WORKER = new URL('./worker.ts', import.meta.url)
const AT = Date.UTC(2026, 10, 24)
const PAGE_BYTES = 4_096

const backUp = (folder: string, at = AT, { signal } = new AbortController()) =>
  askThread(WORKER, { kind: 'back-up', file: databaseFile(folder), at }, signal)

const backupsOf = (folder: string): string => backupFolder(databaseFile(folder))

/** Rows of settings that fill many pages. */
const manySettings = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ key: `key-${index}`, value: `"${'x'.repeat(500)}"` }))

/** An app database of many pages, closed, and one backup of it. */
async function backedUp(): Promise<{ folder: string; name: string }> {
  const folder = await temporaryFolder()
  const database = await openFixture(folder)
  await database.ask('setting.write', { settings: manySettings(500) })
  const { name } = await backUp(folder)
  await database.close()
  return { folder, name }
}

/** Overwrites pages in the middle of the app database. */
function damagePages(folder: string): Buffer {
  const bytes = readFileSync(databaseFile(folder))
  bytes.fill(0xa5, PAGE_BYTES * 20, PAGE_BYTES * 40)
  writeFileSync(databaseFile(folder), bytes)
  return bytes
}

/** Keeps backups until something is told of one, and says what. */
async function keepUntilTold(folder: string): Promise<string> {
  const told = Promise.withResolvers<string>()
  const end = keepBackups({
    file: databaseFile(folder),
    entry: WORKER,
    firstAfterMs: 0,
    onMade: () => told.resolve('made'),
    onTrouble: (message, cause) => told.resolve(`${message} ${String(cause)}`),
  })
  return told.promise.finally(end)
}

test('a backup is whole, one file, and for its owner alone, while the database is written', async () => {
  const folder = await temporaryFolder()
  const database = await openFixture(folder)
  await database.ask('setting.write', { settings: manySettings(2_000) })
  const written = new AbortController()
  const writer = (async () => {
    for (let count = 0; !written.signal.aborted; count++)
      await database.ask('setting.write', { settings: [{ key: `later-${count}`, value: '1' }] })
  })()
  const made = await backUp(folder).finally(() => written.abort())
  await writer
  const path = join(backupsOf(folder), made.name)
  expect(readdirSync(backupsOf(folder))).toEqual([made.name])
  expect([statSync(path).mode & 0o777, statSync(path).size]).toEqual([0o600, made.bytes])
  const copy = new Sqlite(path, { readonly: true })
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(copy.prepare("SELECT count(*) FROM settings WHERE key LIKE 'key-%'").pluck().get()).toBe(2_000)
  copy.close()
})

test('a backup in the place of a damaged database gives back what it has', async () => {
  const { folder, name } = await backedUp()
  damagePages(folder)
  await expect(openFixture(folder)).rejects.toMatchObject({ code: 'database' })
  renameSync(databaseFile(folder), join(folder, 'elsewhere'))
  writeFileSync(databaseFile(folder), readFileSync(join(backupsOf(folder), name)))
  const database = await openFixture(folder)
  expect(await database.ask('setting.read')).toHaveLength(500)
})

test('of a damaged database no backup is made, it is left as it is, and the good ones stay', async () => {
  const { folder, name } = await backedUp()
  const bytes = damagePages(folder)
  await expect(backUp(folder, AT + 1_000)).rejects.toMatchObject({
    failure: { code: 'database', details: { engineCode: 'SQLITE_CORRUPT' } },
  })
  expect(readdirSync(backupsOf(folder))).toEqual([name])
  expect(readFileSync(databaseFile(folder)).equals(bytes)).toBe(true)
})

test('a backup is made soon after a start', async () => {
  const folder = await temporaryFolder()
  await openFixture(folder)
  expect(await keepUntilTold(folder)).toBe('made')
  expect(await listBackups(backupsOf(folder))).toHaveLength(1)
})

test('damage that shows when a backup is due is told', async () => {
  const { folder, name } = await backedUp()
  renameSync(join(backupsOf(folder), name), join(backupsOf(folder), '00001-20200101T000000Z.db'))
  damagePages(folder)
  expect(await keepUntilTold(folder)).toMatch(/could not be backed up.*is damaged.*Put one of the backups/)
})

test('a backup that is called off is none', async () => {
  const folder = await temporaryFolder()
  await openFixture(folder)
  const calledOff = new AbortController()
  const making = backUp(folder, AT, calledOff)
  calledOff.abort()
  await expect(making).rejects.toBe(calledOff.signal.reason)
  expect(await listBackups(backupsOf(folder))).toEqual([])
})

test('a backup is made before the tables are changed', async () => {
  const folder = await temporaryFolder()
  await (await openFixture(folder)).close()
  const db = new Sqlite(databaseFile(folder))
  db.exec('ALTER TABLE saved_queries DROP COLUMN chart; PRAGMA user_version = 5')
  db.close()
  await openFixture(folder)
  const [made] = await listBackups(backupsOf(folder))
  const copy = new Sqlite(join(backupsOf(folder), made?.name ?? ''), { readonly: true })
  expect(copy.pragma('user_version', { simple: true })).toBe(5)
  copy.close()
})
