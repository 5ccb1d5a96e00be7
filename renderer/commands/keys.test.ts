import { expect, test } from 'vitest'
import { commandEntries } from './command-list.ts'
import { keysMatch, showKeys, type PressedKey } from './keys.ts'

const pressed = (key: string, modifiers: Partial<PressedKey> = {}): PressedKey => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...modifiers,
})

test('Mod is Ctrl, or Command on a Mac', () => {
  expect(keysMatch('Mod+Enter', pressed('Enter', { ctrlKey: true }), false)).toBe(true)
  expect(keysMatch('Mod+Enter', pressed('Enter', { ctrlKey: true }), true)).toBe(false)
  expect(keysMatch('Mod+Enter', pressed('Enter', { metaKey: true }), true)).toBe(true)
})

test('a modifier too many or too few is another key', () => {
  expect(keysMatch('Mod+P', pressed('P', { ctrlKey: true, shiftKey: true }), false)).toBe(false)
  expect(keysMatch('Mod+Shift+P', pressed('P', { ctrlKey: true, shiftKey: true }), false)).toBe(true)
  expect(keysMatch('Escape', pressed('Escape'), false)).toBe(true)
  expect(keysMatch('Escape', pressed('Escape', { ctrlKey: true }), false)).toBe(false)
})

test('keys are written as the system writes them', () => {
  expect(showKeys('Mod+Shift+P', false)).toBe('Ctrl+Shift+P')
  expect(showKeys('Mod+Shift+P', true)).toBe('⌘⇧P')
})

test('no two commands have the same keys', () => {
  const keys = commandEntries.flatMap(([, info]) => info.keys ?? [])
  expect(new Set(keys).size).toBe(keys.length)
})
