import { expect, test } from 'vitest'
import { NO_WORK } from '#contract/desktop.ts'
import { trayMenu, type TrayItem } from './tray-menu.ts'

const labels = (items: readonly TrayItem[]): string[] =>
  items.flatMap((item) => (item.kind === 'entry' ? item.label : []))
const find = (items: readonly TrayItem[], label: string) =>
  items.find((item) => item.kind === 'entry' && item.label.startsWith(label))

test('the menu names what runs with its progress, and leads to the window, to each run and out', () => {
  const runs = [
    { id: 4, text: 'make all', fraction: 0.429 },
    { id: 9, text: 'sleep', fraction: null },
  ]
  const items = trayMenu({ ...NO_WORK, commands: 3, others: 1, waiting: 12, runs }, false)
  expect(labels(items)).toEqual([
    'Show Offloop',
    '4 running, 12 waiting',
    '#4 make all · 42%',
    '#9 sleep',
    'and 2 more',
    'Pause All Pools',
    'Quit Offloop',
  ])
  expect(find(items, '#9')).toMatchObject({ action: { kind: 'run', id: 9 } })
  expect(find(items, 'Pause')).toMatchObject({ action: { kind: 'pools', how: 'pause' } })
})

test('while every pool is paused the menu lets them go on', () => {
  const items = trayMenu(NO_WORK, true)
  expect(find(items, 'Let All Pools')).toMatchObject({ action: { kind: 'pools', how: 'resume' } })
})

test('what a run is called stays one short line of text', () => {
  const text = `a && b\u202e\n${'x'.repeat(500)}`
  const [, , label = ''] = labels(
    trayMenu({ ...NO_WORK, commands: 1, runs: [{ id: 1, text, fraction: null }] }, false),
  )
  expect(label).toContain('a &&&& b x')
  expect(label).not.toMatch(/[\n\u202e]/u)
  expect(label.length).toBeLessThan(80)
})
