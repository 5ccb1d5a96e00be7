import { open } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { failureIn, NUMBERS, setUp } from './query-runs-fixture.ts'

it('a finished result is a database whose one table is queried like any other, also when its host uses no extension', async () => {
  const { start } = await setUp()
  const first = await start(`${NUMBERS} SELECT i AS id, i % 7 AS day FROM n LIMIT 5000`).result
  const database = `result:${first.id}`
  const second = await start('SELECT day, count(*) FROM result GROUP BY day', { database }).result
  expect(second).toMatchObject({ state: { kind: 'done' }, progress: { rows: 7 } })
  const third = await start('SELECT * FROM result', { database: `result:${second.id}` }).result
  expect(third).toMatchObject({ state: { kind: 'done' }, progress: { rows: 7 } })
  const change = await start('DELETE FROM result', { database, mode: 'read-write' }).result
  expect(change.state).toMatchObject({ kind: 'failed', cause: { failure: { code: 'database' } } })
})

it('a result that is damaged or cannot be changed is spoken of as a result', async () => {
  const { start, resultPath } = await setUp()
  const { id } = await start(`${NUMBERS} SELECT i FROM n LIMIT 9000`).result
  const said = async (sql: string): Promise<unknown> =>
    failureIn((await start(sql, { database: `result:${id}` }).result).state)
  expect(await said('DELETE FROM result')).toMatchObject({
    message: expect.stringContaining('A result is what its query found') as string,
  })
  expect(await said('VACUUM')).toMatchObject({ message: 'A result can only be read, and VACUUM writes.' })
  const file = await open(`${resultPath(id)}.rows`, 'r+')
  const { size } = await file.stat()
  await file.write(Buffer.from([0x5a]), 0, 1, Math.floor(size / 2))
  await file.close()
  expect(await said('SELECT sum(i) FROM result')).toMatchObject({
    code: 'database',
    message: expect.stringMatching(/^The result was damaged on the disk \(rows \d+ to \d+ /) as string,
  })
})

it('the address of a result names a run, and nothing else', async () => {
  const { start } = await setUp()
  for (const database of ['result:999999', 'result:', 'result:/etc/passwd', 'result:1.5', 'result:-1']) {
    const { state } = await start('SELECT * FROM result', { database }).result
    expect(state, database).toMatchObject({ kind: 'failed', cause: { failure: { code: 'not-found' } } })
  }
})
