import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makePageCache, type Page, type PageCache } from './page-cache.ts'

interface Fetch {
  readonly first: number
  readonly count: number
  readonly signal: AbortSignal
  answer(entries: number): void
  refuse(error: Error): void
}

function makeCache({ pageSize = 10, capacity = 4 } = {}) {
  const fetches: Fetch[] = []
  const failures: unknown[] = []
  let arrived = 0
  const cache: PageCache<string> = makePageCache({
    pageSize,
    capacity,
    fetch: (first, count, signal) =>
      new Promise<Page<string>>((resolve, reject) => {
        fetches.push({
          first,
          count,
          signal,
          answer: (entries) => resolve({ count: entries, content: `page from ${first}` }),
          refuse: reject,
        })
      }),
    onPage: () => (arrived += 1),
    onFailure: (error) => failures.push(error),
  })
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
  return { cache, fetches, failures, settle, arrived: () => arrived }
}

test('a page in view is fetched once and then found', async () => {
  const { cache, fetches, settle, arrived } = makeCache()
  cache.show(12, 5, 100)
  cache.show(13, 5, 100)
  expect(fetches.map(({ first, count }) => [first, count])).toEqual([[10, 10]])
  fetches[0]?.answer(10)
  await settle()
  expect(arrived()).toBe(1)
  expect(cache.find(17)).toEqual({ content: 'page from 10', offset: 7 })
  expect(cache.find(20)).toBeUndefined()
})

test('at most two fetches are on their way, and the next follows when one has come', async () => {
  const { cache, fetches, settle } = makeCache()
  cache.show(0, 30, 100)
  expect(cache.outstanding).toBe(2)
  fetches[0]?.answer(10)
  await settle()
  expect(fetches.map(({ first }) => first)).toEqual([0, 10, 20])
  expect(cache.outstanding).toBe(2)
})

test('scrolling away aborts what is no longer wanted', () => {
  const { cache, fetches } = makeCache()
  cache.show(0, 10, 1_000)
  cache.show(500, 10, 1_000)
  expect(fetches.map(({ first, signal }) => [first, signal.aborted])).toEqual([
    [0, true],
    [500, false],
  ])
})

test('the answer to an aborted fetch is not kept', async () => {
  const { cache, fetches, settle, arrived } = makeCache()
  cache.show(0, 10, 1_000)
  cache.show(500, 10, 1_000)
  fetches[0]?.answer(10)
  await settle()
  expect(cache.find(0)).toBeUndefined()
  expect(arrived()).toBe(0)
})

test('a last page that has grown is fetched again and shown as it was meanwhile', async () => {
  const { cache, fetches, settle } = makeCache()
  cache.show(0, 10, 4)
  fetches[0]?.answer(4)
  await settle()
  cache.show(0, 10, 9)
  expect(fetches).toHaveLength(2)
  expect(cache.find(3)).toBeDefined()
  expect(cache.find(4)).toBeUndefined()
  fetches[1]?.answer(9)
  await settle()
  expect(cache.find(8)).toBeDefined()
})

test('a last entry that may still change is fetched again although nothing was added', async () => {
  const { cache, fetches, settle } = makeCache()
  cache.show(0, 10, 4)
  fetches[0]?.answer(4)
  await settle()
  cache.distrustLast(4)
  cache.show(0, 10, 4)
  expect(fetches).toHaveLength(2)
})

test('a page that comes back shorter than promised is not asked for again in a circle', async () => {
  const { cache, fetches, settle } = makeCache()
  cache.show(0, 10, 10)
  for (let round = 0; round < 5; round += 1) {
    fetches.at(-1)?.answer(4)
    await settle()
  }
  expect(fetches.length).toBeLessThanOrEqual(2)
})

test('a failed fetch is told, and tried again when the page is shown again', async () => {
  const { cache, fetches, failures, settle } = makeCache()
  cache.show(0, 10, 10)
  fetches[0]?.refuse(new Error('the file is gone'))
  await settle()
  expect(failures).toEqual([new Error('the file is gone')])
  cache.show(0, 10, 10)
  expect(fetches).toHaveLength(2)
})

test('after its disposal nothing is fetched or told', async () => {
  const { cache, fetches, failures, settle } = makeCache()
  cache.show(0, 10, 100)
  cache.dispose()
  expect(fetches[0]?.signal.aborted).toBe(true)
  fetches[0]?.refuse(new Error('too late'))
  await settle()
  cache.show(0, 10, 100)
  expect(failures).toEqual([])
  expect(fetches).toHaveLength(1)
})

test('however one scrolls, no more pages are kept than there is room for, and never more than two are fetched', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 990 }), { maxLength: 40 }), async (places) => {
      const capacity = 4
      const { cache, fetches, settle } = makeCache({ capacity })
      for (const place of places) {
        cache.show(place, 15, 1_000)
        expect(cache.outstanding).toBeLessThanOrEqual(2)
        for (const each of fetches.splice(0)) each.answer(10)
        await settle()
      }
      const kept = Array.from({ length: 100 }, (_, page) => cache.find(page * 10)).filter(Boolean)
      expect(kept.length).toBeLessThanOrEqual(capacity)
    }),
    { numRuns: 40 },
  )
})
