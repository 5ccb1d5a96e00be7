import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { expect, it, onTestFinished } from 'vitest'
import { failureOf, openTestHost } from './host-fixture.ts'

it('a read-only session may attach what is there, and writes and makes nothing by any door', async () => {
  const host = await openTestHost()
  onTestFinished(() => host.close())
  const path = host.make('a.db', 'CREATE TABLE t (a)')
  const other = host.make('b.db', 'CREATE TABLE t (a); INSERT INTO t VALUES (1)')
  const hashes = async (): Promise<string[]> =>
    Promise.all(
      [path, other].map(async (file) =>
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ),
    )
  const before = await hashes()
  await host.client.call('open', { path, mode: 'read-only' })
  const run = (sql: string): Promise<unknown> => host.client.stream('statement.execute', { sql }).result
  await run('PRAGMA query_only = OFF')
  await run('PRAGMA writable_schema = ON')
  await run(`ATTACH '${other}' AS b`)
  await run('SELECT * FROM b.t')
  const doors = [
    'INSERT INTO t VALUES (1)',
    'INSERT INTO b.t VALUES (1)',
    'PRAGMA b.user_version = 3',
    'PRAGMA journal_mode = wal',
    `VACUUM b INTO '${host.at('copy.db')}'`,
    `ATTACH '${host.at('new.db')}' AS n`,
    `ATTACH 'file:${host.at('new.db')}?mode=rwc' AS n`,
    `ATTACH 'file:${other}?mode=rw' AS n`,
  ]
  for (const sql of doors) expect((await failureOf(run(sql))).code, sql).toBe('database')
  expect((await failureOf(run(`ATTACH '${host.at('new.db')}' AS n`))).message).toContain(
    `${host.at('new.db')} cannot be attached`,
  )
  await host.client.call('close', {})
  expect(await readdir(host.folder)).toEqual(['a.db', 'b.db'])
  expect(await hashes()).toEqual(before)
})
