import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { defaultSettings } from '#contract/settings.ts'
import type { DatabaseEntry } from '#contract/database.ts'
import { databaseFile, openFixture, temporaryFolder } from './database-fixture.ts'
import { storedDatabases } from './stored-databases.ts'
import { storedSettings } from './stored-settings.ts'

const entry = (path: string): DatabaseEntry => ({ path, name: path, mode: 'read-only', sample: false })

test('databases are listed in the order of their opening, changed in place and forgotten', async () => {
  const databases = storedDatabases(await openFixture(await temporaryFolder()), () => undefined)
  await databases.add({ ...entry('/b'), sample: true })
  await databases.add(entry('/a'))
  await databases.add({ ...entry('/b'), mode: 'read-write', sample: true })
  expect(await databases.list()).toEqual([{ ...entry('/b'), mode: 'read-write', sample: true }, entry('/a')])
  await databases.forget('/b')
  await databases.forget('/never-there')
  expect(await databases.list()).toEqual([entry('/a')])
})

test('settings have their defaults until they are written, one by one', async () => {
  const settings = storedSettings(await openFixture(await temporaryFolder()), () => undefined)
  expect(await settings.read()).toEqual(defaultSettings)
  expect(await settings.write({ theme: 'dark' })).toEqual({ ...defaultSettings, theme: 'dark' })
  expect(await settings.write({ language: 'zh-CN', theme: undefined })).toEqual({
    ...defaultSettings,
    theme: 'dark',
    language: 'zh-CN',
  })
})

test('stored values that do not fit are reported and passed over', async () => {
  const folder = await temporaryFolder()
  const first = await openFixture(folder)
  await storedDatabases(first, () => undefined).add(entry('/good'))
  await storedSettings(first, () => undefined).write({ theme: 'light', language: 'en' })
  await first.close()
  const db = new Sqlite(databaseFile(folder))
  db.prepare("INSERT INTO databases VALUES ('/bad', 'bad', 'sideways', 0, 0)").run()
  db.prepare("UPDATE settings SET value = '\"purple\"' WHERE key = 'theme'").run()
  db.close()

  const troubles: string[] = []
  const database = await openFixture(folder)
  expect(await storedDatabases(database, (message) => troubles.push(message)).list()).toEqual([
    entry('/good'),
  ])
  expect(await storedSettings(database, (message) => troubles.push(message)).read()).toEqual({
    ...defaultSettings,
    theme: 'system',
    language: 'en',
  })
  expect(troubles).toEqual([expect.stringContaining('"/bad"'), expect.stringContaining('"theme"')])
})
