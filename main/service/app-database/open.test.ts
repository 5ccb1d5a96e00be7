import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databaseFile, openFixture, temporaryFolder } from './database-fixture.ts'
import { MIGRATIONS } from './locations-fixture.ts'
import { openDatabase } from './open.ts'

/** An app database with something in it, closed. */
async function filled(): Promise<string> {
  const folder = await temporaryFolder()
  const database = await openFixture(folder)
  const settings = Array.from({ length: 500 }, (_, index) => ({
    key: `key-${index}`,
    value: `"${'x'.repeat(100)}"`,
  }))
  await database.ask('setting.write', { settings })
  await database.close()
  return folder
}

const sqlite = (folder: string) => new Sqlite(databaseFile(folder))

describe('opening', () => {
  test('makes a new database under its name only when it is whole', async () => {
    const folder = await temporaryFolder()
    await openFixture(folder)
    expect(readdirSync(folder).filter((name) => name.includes('making'))).toEqual([])
  })

  test('finishes what an earlier start has left half made', async () => {
    const folder = await temporaryFolder()
    writeFileSync(`${databaseFile(folder)}.making`, 'half')
    const database = await openFixture(folder)
    expect(await database.ask('run.unfinished')).toEqual([])
  })

  test('commits so that a power cut takes nothing back', async () => {
    const folder = await filled()
    const db = await openDatabase({ file: databaseFile(folder), migrations: MIGRATIONS })
    onTestFinished(() => void db.close())
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    // 2 is FULL: each commit waits for the disk.
    expect(db.pragma('synchronous', { simple: true })).toBe(2)
  })
})

/** The app's own migrations in a folder that a test may add to. */
async function copiedMigrations(): Promise<{ migrations: string; next: number }> {
  const migrations = await temporaryFolder()
  const names = readdirSync(MIGRATIONS)
  for (const name of names) copyFileSync(join(MIGRATIONS, name), join(migrations, name))
  return { migrations, next: names.length + 1 }
}

describe('migrations', () => {
  test('go on from where the database is, each with its number', async () => {
    const { migrations, next } = await copiedMigrations()
    const folder = await temporaryFolder()
    const first = await openFixture(folder, migrations)
    await first.ask('setting.write', { settings: [{ key: 'kept', value: '1' }] })
    await first.close()
    writeFileSync(
      join(migrations, `${String(next).padStart(4, '0')}-more.sql`),
      'CREATE TABLE more (a INTEGER); INSERT INTO more VALUES (7);',
    )
    const second = await openFixture(folder, migrations)
    expect(await second.ask('setting.read')).toEqual([{ key: 'kept', value: '1' }])
    await second.close()
    const db = sqlite(folder)
    expect(db.pragma('user_version', { simple: true })).toBe(next)
    expect(db.prepare('SELECT a FROM more').all()).toEqual([{ a: 7 }])
    db.close()
  })

  test('that fail leave the database as it was', async () => {
    const { migrations, next } = await copiedMigrations()
    const folder = await temporaryFolder()
    await (await openFixture(folder, migrations)).close()
    writeFileSync(
      join(migrations, `${String(next).padStart(4, '0')}-wrong.sql`),
      'CREATE TABLE half (a); SELECT * FROM nowhere;',
    )
    await expect(openFixture(folder, migrations)).rejects.toThrow('no such table: nowhere')
    const db = sqlite(folder)
    expect(db.pragma('user_version', { simple: true })).toBe(next - 1)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([])
    db.close()
  })

  test('with a gap in their numbers are refused', async () => {
    const migrations = await temporaryFolder()
    writeFileSync(join(migrations, '0002-second.sql'), '')
    await expect(openFixture(await temporaryFolder(), migrations)).rejects.toThrow(
      'is not the migration number 1',
    )
  })

  test('of a newer Offloop are left alone, with what to do', async () => {
    const folder = await filled()
    const db = sqlite(folder)
    db.pragma('user_version = 99')
    db.close()
    const before = readFileSync(databaseFile(folder))
    await expect(openFixture(folder)).rejects.toMatchObject({
      code: 'database',
      message: expect.stringMatching(/written by a newer Offloop.*Start the newer Offloop/) as string,
    })
    expect(readFileSync(databaseFile(folder)).equals(before)).toBe(true)
  })
})

describe('a damaged database is refused and kept byte for byte', () => {
  async function refusedAndKept(folder: string): Promise<void> {
    const before = readFileSync(databaseFile(folder))
    for (let starts = 0; starts < 2; starts++)
      await expect(openFixture(folder)).rejects.toMatchObject({
        code: 'database',
        message: expect.stringMatching(/is damaged .* left as it is.*Put one of the backups in/) as string,
        failure: { details: { engineCode: 'SQLITE_CORRUPT' } },
      })
    expect(readFileSync(databaseFile(folder)).equals(before)).toBe(true)
  }

  test('when its header is overwritten', async () => {
    const folder = await filled()
    const bytes = readFileSync(databaseFile(folder))
    bytes.fill('garbage', 0, 64)
    writeFileSync(databaseFile(folder), bytes)
    await refusedAndKept(folder)
  })

  test('when a page in its middle is overwritten', async () => {
    const folder = await filled()
    const bytes = readFileSync(databaseFile(folder))
    bytes.fill(0xff, 4096 * 4, 4096 * 12)
    writeFileSync(databaseFile(folder), bytes)
    await refusedAndKept(folder)
  })

  test('when it was cut', async () => {
    const folder = await filled()
    truncateSync(databaseFile(folder), 4096 * 3)
    await refusedAndKept(folder)
  })

  test('when it was emptied', async () => {
    const folder = await filled()
    truncateSync(databaseFile(folder), 0)
    await refusedAndKept(folder)
  })

  test('also when nothing but a text is there', async () => {
    const folder = await temporaryFolder()
    writeFileSync(databaseFile(folder), 'This is not a database, however long it may be. '.repeat(100))
    await refusedAndKept(folder)
  })
})

test('a folder in place of the database is a clear failure', async () => {
  const folder = await temporaryFolder()
  mkdirSync(databaseFile(folder))
  await expect(openFixture(folder)).rejects.toMatchObject({
    code: 'database',
    message: expect.stringContaining(databaseFile(folder)) as string,
  })
})

test('a full disk refuses what was asked, and works again once there is space', async ({ skip }) => {
  const folder = await temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    skip(`A small file system cannot be mounted here: ${String(error)}`)
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  const database = await openFixture(folder)
  const ballast = join(folder, 'ballast')
  execFileSync('sh', ['-c', `head -c 2M /dev/zero > "${ballast}" 2>/dev/null || true`])
  expect(statSync(ballast).size).toBeGreaterThan(100_000)
  const value = `"${'x'.repeat(100_000)}"`
  await expect(database.ask('setting.write', { settings: [{ key: 'a', value }] })).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringContaining('Free some space') as string,
  })
  expect(await database.ask('setting.read')).toEqual([])
  truncateSync(ballast, 0)
  await database.ask('setting.write', { settings: [{ key: 'a', value }] })
  expect(await database.ask('setting.read')).toHaveLength(1)
  await database.close()
})
