import { expect, it } from 'vitest'
import { NUMBERS, setUp } from './query-runs-fixture.ts'

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

it('the address of a result names a run, and nothing else', async () => {
  const { start } = await setUp()
  for (const database of ['result:999999', 'result:', 'result:/etc/passwd', 'result:1.5', 'result:-1']) {
    const { state } = await start('SELECT * FROM result', { database }).result
    expect(state, database).toMatchObject({ kind: 'failed', cause: { failure: { code: 'not-found' } } })
  }
})
