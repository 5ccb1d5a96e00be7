import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { makeLayoutKeeper, readLayout, type LayoutStorage } from './kept-layout.ts'
import { firstLayout, withQuery, withTab } from './tab.ts'

function makeStorage(room = Infinity): LayoutStorage & { readonly writes: string[] } {
  const writes: string[] = []
  return {
    writes,
    getItem: () => writes.at(-1) ?? null,
    setItem(_key, value) {
      if (value.length > room) throw new DOMException('full', 'QuotaExceededError')
      writes.push(value)
    },
  }
}

const typed = withQuery(
  withTab(firstLayout, { kind: 'query', title: '', sql: '', database: '/data/a.db' }),
  1,
  { sql: 'SELECT "中文"' },
)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('open tabs and their text come back', () => {
  const storage = makeStorage()
  const keeper = makeLayoutKeeper(storage, () => expect.unreachable())
  keeper.changed(typed)
  keeper.flush()
  expect(readLayout(storage)).toEqual(typed)
})

test('a change is kept within a second, and many changes are kept once', () => {
  const storage = makeStorage()
  const keeper = makeLayoutKeeper(storage, () => expect.unreachable())
  for (let key = 0; key < 50; key += 1) {
    keeper.changed(withQuery(typed, 1, { sql: `SELECT ${key}` }))
    vi.advanceTimersByTime(10)
  }
  vi.advanceTimersByTime(500)
  expect(storage.writes).toHaveLength(1)
  expect(storage.writes[0]).toContain('SELECT 49')
})

test('with nothing kept, or something that cannot be read, the window opens as the first time', () => {
  expect(readLayout(makeStorage())).toEqual(firstLayout)
  for (const broken of ['', '{', '[]', '{"tabs":[{"kind":"other"}]}', 'null']) {
    const storage = makeStorage()
    storage.setItem('', broken)
    expect(readLayout(storage)).toEqual(firstLayout)
  }
})

test('when there is no room for the tabs, the person is told', () => {
  const refused = vi.fn()
  const keeper = makeLayoutKeeper(makeStorage(100), refused)
  keeper.changed(typed)
  keeper.flush()
  expect(refused).toHaveBeenCalledOnce()
})
