import { expect, test } from 'vitest'
import { firstLayout, withoutTab, withQuery, withTab, withTabMoved, type Layout } from './tab.ts'

const query = { kind: 'query', title: '', sql: 'SELECT 1', database: null } as const

function withTabs(count: number): Layout {
  let layout = firstLayout
  for (let index = 0; index < count; index += 1) layout = withTab(layout, query)
  return layout
}

test('a new tab is shown, and lies beside the one that was shown', () => {
  const layout = withTab({ ...withTabs(3), activeTab: 1 }, { kind: 'settings' })
  expect(layout.tabs.map(({ id }) => id)).toEqual([1, 4, 2, 3])
  expect(layout.activeTab).toBe(4)
})

test('the same run is not opened twice, and there is one tab of settings', () => {
  const once = withTab(withTab(withTabs(1), { kind: 'run', runId: 7, title: 'make' }), query)
  const twice = withTab(once, { kind: 'run', runId: 7, title: 'make' })
  expect(twice.tabs).toBe(once.tabs)
  expect(twice.activeTab).toBe(2)
  expect(withTab(twice, { kind: 'result', runId: 7, title: '' }).tabs).toHaveLength(4)
})

test('query tabs are numbered, and two of them are never called the same', () => {
  const layout = withTab(withoutTab(withTabs(3), 1), query)
  const numbers = layout.tabs.flatMap((tab) => (tab.kind === 'query' ? [tab.number] : []))
  expect(new Set(numbers).size).toBe(numbers.length)
})

test('closing the tab that is shown shows its neighbour', () => {
  const layout = withTabs(3)
  expect(withoutTab({ ...layout, activeTab: 2 }, 2).activeTab).toBe(3)
  expect(withoutTab({ ...layout, activeTab: 3 }, 3).activeTab).toBe(2)
  expect(withoutTab({ ...layout, activeTab: 1 }, 3).activeTab).toBe(1)
  expect(withoutTab(withTabs(1), 1)).toMatchObject({ tabs: [], activeTab: null })
})

test('closing a tab that is not there changes nothing', () => {
  const layout = withTabs(2)
  expect(withoutTab(layout, 99)).toBe(layout)
})

test('going through the tabs goes round at the ends', () => {
  const layout = { ...withTabs(3), activeTab: 3 }
  expect(withTabMoved(layout, 1).activeTab).toBe(1)
  expect(withTabMoved({ ...layout, activeTab: 1 }, -1).activeTab).toBe(3)
  expect(withTabMoved(firstLayout, 1)).toBe(firstLayout)
})

test('what is typed belongs to its own tab', () => {
  const layout = withQuery(withTabs(2), 2, { sql: 'SELECT 2' })
  expect(layout.tabs.map((tab) => (tab.kind === 'query' ? tab.sql : ''))).toEqual(['SELECT 1', 'SELECT 2'])
})
