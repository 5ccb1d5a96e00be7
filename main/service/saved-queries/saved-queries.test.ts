import { MessageChannel } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { serviceSavedQueries } from '#contract/saved-query.ts'
import { connect } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { serve } from '#kit/serve.ts'
import { openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import { openSavedQueries } from './open-saved-queries.ts'

/** Saved queries of a new profile, asked over a real port. */
async function open() {
  const database = await openFixture(await temporaryFolder())
  const { handlers } = await openSavedQueries(database, (message) => expect.fail(message))
  const { port1, port2 } = new MessageChannel()
  const serving = serve(serviceSavedQueries, nodePort(port1), handlers)
  onTestFinished(() => serving.close())
  const session = nodePort(port2)
  const client = connect(serviceSavedQueries, session, dialWithEnvelopes(session))
  return {
    client,
    save: (name: string, replace = false) =>
      client.call('savedQuery.save', {
        query: { name, sql: `SELECT '${name}'`, database: null, chart: null },
        replace,
      }),
    async names(): Promise<string[]> {
      for await (const { queries } of client.stream('savedQueries.watch', {}))
        return queries.map(({ name }) => name)
      return []
    },
  }
}

test('a query is kept under its name, and another takes its place only where that was wanted', async () => {
  const { client, save, names } = await open()
  await save('reports/sales')
  await expect(save('reports/sales')).rejects.toMatchObject({ failure: { code: 'conflict' } })
  const chart = { kind: 'bar' as const, x: 'region', y: ['amount'], measure: 'sum' as const }
  const query = { name: 'reports/sales', sql: 'SELECT 2', database: '/data/shop.db', chart }
  await client.call('savedQuery.save', { query, replace: true })
  expect(await client.call('savedQuery.get', { name: 'reports/sales' })).toEqual(query)
  await client.call('savedQuery.delete', { name: 'reports/sales' })
  expect(await names()).toEqual([])
  await expect(client.call('savedQuery.get', { name: 'reports/sales' })).rejects.toMatchObject({
    failure: { code: 'not-found' },
  })
})

test('a folder moves with all that is in it, or not at all', async () => {
  const { client, save, names } = await open()
  for (const name of ['a/one', 'a/b/two', 'ab/three', 'c/b/two']) await save(name)
  const move = (from: string, to: string, what: 'query' | 'folder') =>
    client.call('savedQuery.rename', { from, to, what })
  await expect(move('a', 'c', 'folder')).rejects.toMatchObject({ failure: { code: 'conflict' } })
  expect(await names()).toEqual(['a/b/two', 'a/one', 'ab/three', 'c/b/two'])
  await move('a', 'd/e', 'folder')
  await move('ab/three', 'three', 'query')
  expect(await names()).toEqual(['c/b/two', 'd/e/b/two', 'd/e/one', 'three'])
  await expect(move('a', 'f', 'folder')).rejects.toMatchObject({ failure: { code: 'not-found' } })
  await expect(move('three', 'f'.repeat(100) + '/' + 'g'.repeat(120), 'query')).rejects.toMatchObject({
    failure: { code: 'invalid-params' },
  })
})
