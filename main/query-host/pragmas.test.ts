import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { pragmaNames, type PragmaInfo, type PragmaName } from '#contract/database.ts'
import { failureOf, openTestHost, type TestHost } from './host-fixture.ts'

let host: TestHost
let path: string
beforeEach(async () => {
  host = await openTestHost()
  path = host.make('a.db', 'CREATE TABLE t (a); INSERT INTO t VALUES (1)')
})
afterEach(() => host.close())

const open = (mode: 'read-only' | 'read-write'): Promise<unknown> => host.client.call('open', { path, mode })
const set = (name: PragmaName, value: string): Promise<PragmaInfo> =>
  host.client.call('setPragma', { name, value })
const refused = async (name: PragmaName, value: string): Promise<string> =>
  (await failureOf(set(name, value))).message

it('lists every pragma that matters in words, and lets only a read-write connection edit those of the file', async () => {
  await open('read-write')
  const { pragmas } = await host.client.call('pragmas', {})
  expect(pragmas.map(({ name }) => name)).toEqual(pragmaNames)
  const byName = Object.fromEntries(pragmas.map((pragma) => [pragma.name, pragma]))
  expect(byName['journal_mode']).toMatchObject({ value: 'delete', editable: true, values: ['delete', 'wal'] })
  expect(byName['auto_vacuum']).toMatchObject({ value: 'none', needsVacuum: true })
  expect(byName['synchronous']).toMatchObject({ value: 'full', scope: 'connection', editable: false })
  expect(byName['encoding']).toMatchObject({ value: 'UTF-8', editable: false })
  await open('read-only')
  expect((await host.client.call('pragmas', {})).pragmas.some(({ editable }) => editable)).toBe(false)
})

it('sets what the file keeps, so that whoever opens it next finds it', async () => {
  await open('read-write')
  expect(await set('user_version', '-7')).toMatchObject({ value: '-7' })
  expect(await set('application_id', '2147483647')).toMatchObject({ value: '2147483647' })
  expect(await set('auto_vacuum', 'incremental')).toMatchObject({ value: 'incremental' })
  expect(await set('page_size', '8192')).toMatchObject({ value: '8192' })
  expect(await set('journal_mode', 'wal')).toMatchObject({ value: 'wal' })
  await host.client.call('close', {})
  const header = await readFile(path)
  // https://www.sqlite.org/fileformat.html#the_database_header
  expect([
    header.readUInt16BE(16),
    header.readInt32BE(60),
    header.readUInt8(18),
    header.readInt32BE(68),
  ]).toEqual([8192, -7, 2, 2147483647])
  expect(header.readUInt32BE(64)).toBe(1)
  expect(await host.run('SELECT * FROM t')).toMatchObject({ rows: 1 })
})

it('refuses values that do not fit, and what cannot be set, in words that help', async () => {
  await open('read-write')
  expect(await refused('journal_mode', 'off')).toBe('journal_mode cannot be "off". Choose delete, wal.')
  expect(await refused('user_version', '2147483648')).toContain('an integer from -2147483648 to 2147483647')
  expect(await refused('user_version', '1; DROP TABLE t')).toContain('cannot be')
  expect(await refused('page_size', '1000')).toContain('Choose 512')
  expect(await refused('synchronous', 'off')).toContain('a choice of each connection')
  expect(await refused('encoding', 'UTF-16')).toContain('can only be read')
  await set('journal_mode', 'wal')
  expect(await refused('page_size', '1024')).toBe(
    'page_size is still 4096. It cannot change in WAL mode: set journal_mode to delete first, and back afterwards.',
  )
  await open('read-only')
  expect(await refused('user_version', '1')).toContain('open read-only')
})
