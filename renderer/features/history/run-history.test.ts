import { expect, test } from 'vitest'
import { filtered, merged, type HistoryEntry } from './run-history.ts'

const entry = (id: number, kind: HistoryEntry['kind'], text: string): HistoryEntry => ({
  id,
  kind,
  text,
  createdAt: id,
  state: { kind: 'queued', reasons: [] },
})
const entries = [
  entry(4, 'query', 'SELECT * FROM Orders'),
  entry(3, 'command', 'make -j4 all'),
  entry(2, 'query', 'DELETE FROM orders WHERE id = 7'),
]

test('newer runs come first, and a run that changed takes its old place', () => {
  const changed = {
    ...entry(3, 'command', 'make -j4 all'),
    state: { kind: 'running', startedAt: 1, stopping: false, adopted: false } as const,
  }
  const list = merged(entries, [changed, entry(5, 'query', 'SELECT 1')])
  expect(list.map(({ id }) => id)).toEqual([5, 4, 3, 2])
  expect(list[2]?.state.kind).toBe('running')
})

test('a filter wants every word, in any case, and the kind', () => {
  const ids = (text: string, kind: 'all' | 'query' | 'command' = 'all') =>
    filtered(entries, text, kind).map(({ id }) => id)
  expect(ids('orders')).toEqual([4, 2])
  expect(ids('orders delete')).toEqual([2])
  expect(ids('', 'command')).toEqual([3])
  expect(ids('orders', 'command')).toEqual([])
  expect(ids('  ')).toEqual([4, 3, 2])
})
