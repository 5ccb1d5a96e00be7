import { readdir, stat } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { failureOf, openTestHost, type TestHost } from './host-fixture.ts'

/** The sample is made at the first start, while a person waits for it. */
const MAX_SAMPLE_BYTES = 150_000_000
const MILLION = 1_000_000

let host: TestHost
beforeEach(async () => {
  host = await openTestHost()
})
afterEach(() => host.close())

it('makes a whole database with a million rows in its largest table, and tells how far it is', async () => {
  const path = host.at('deep/sample.sqlite')
  const making = host.client.stream('makeSample', { path })
  const fractions: number[] = []
  for await (const fraction of making) fractions.push(fraction)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(fractions.at(-1)).toBeLessThanOrEqual(1)
  expect((await making.result).rows).toBeGreaterThan(MILLION)
  expect(await readdir(host.at('deep'))).toEqual(['sample.sqlite'])
  expect((await stat(path)).size).toBeLessThan(MAX_SAMPLE_BYTES)

  await host.client.call('open', { path, mode: 'read-only' })
  expect((await host.run('SELECT 1 FROM order_items')).rows).toBe(MILLION)
  expect((await host.run('PRAGMA foreign_key_check')).rows).toBe(0)
  expect((await host.run("SELECT 1 FROM pragma_integrity_check WHERE integrity_check = 'ok'")).rows).toBe(1)
  for (const kept of [
    "SELECT 1 FROM customers WHERE name = '王伟' LIMIT 1",
    'SELECT 1 FROM customers WHERE email IS NULL LIMIT 1',
    "SELECT 1 FROM attachments WHERE typeof(content) = 'blob' AND length(content) > 20 LIMIT 1",
    "SELECT 1 FROM attachments WHERE content = x'' LIMIT 1",
    "SELECT 1 FROM orders WHERE note = '' LIMIT 1",
    'SELECT 1 FROM monthly_sales WHERE revenue > 0 LIMIT 1',
  ]) {
    expect(await host.run(kept), kept).toEqual({ rows: 1, changes: null })
  }
})

it('leaves nothing behind when it is cancelled', async () => {
  const cancelling = new AbortController()
  const making = host.client.stream(
    'makeSample',
    { path: host.at('sample.sqlite') },
    { signal: cancelling.signal },
  )
  const watching = (async () => {
    for await (const fraction of making) if (fraction > 0) cancelling.abort()
  })()
  expect((await failureOf(watching)).code).toBe('cancelled')
  expect(await readdir(host.folder)).toEqual([])
})
