import { expect, test } from 'vitest'
import { commandEntries } from './command-list.ts'
import { commandsOnKeys, keysOfCommands, withKeys } from './keys-of-commands.ts'
import { keysMatch, shortcutOf, showKeys, troubleWithKeys, type PressedKey } from './keys.ts'

const pressed = (key: string, modifiers: Partial<PressedKey> = {}): PressedKey => ({
  key,
  code: '',
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

test('keys that are pressed are written as a shortcut, also + and letters that only one layout has', () => {
  expect(shortcutOf(pressed('+', { ctrlKey: true }), false)).toBe('Mod++')
  expect(keysMatch('Mod++', pressed('+', { ctrlKey: true }), false)).toBe(true)
  expect(showKeys('Mod++', false)).toBe('Ctrl++')
  expect(shortcutOf(pressed('λ', { code: 'KeyL', ctrlKey: true, altKey: true }), false)).toBe('Mod+Alt+L')
  expect(shortcutOf(pressed('¬', { code: 'KeyL', altKey: true }), true)).toBe('Alt+L')
  expect(shortcutOf(pressed('Shift', { shiftKey: true }), false)).toBeUndefined()
})

test('keys that write, and those that editing needs, cannot be a shortcut', () => {
  expect(troubleWithKeys('Shift+A', false)).toBe('writes')
  expect(troubleWithKeys('Mod+C', false)).toBe('taken')
  expect(troubleWithKeys('F7', false)).toBeUndefined()
  expect(troubleWithKeys('Mod+Alt+J', false)).toBeUndefined()
})

const COMMANDS = [
  ['save', { title: 'commands.quit', keys: ['Mod+S'] }],
  ['open', { title: 'commands.quit', keys: ['Mod+O', 'F3'] }],
  ['look', { title: 'commands.quit' }],
] as const

test('chosen keys are taken from the command that had them, and what is as it came is no choice', () => {
  const all = keysOfCommands(COMMANDS, {})
  expect(commandsOnKeys(all, 'look', ['F3'])).toEqual([{ id: 'open', keys: 'F3' }])
  const chosen = withKeys(COMMANDS, {}, 'look', ['F3'])
  expect(chosen).toEqual({ look: ['F3'], open: ['Mod+O'] })
  expect(Object.fromEntries(keysOfCommands(COMMANDS, chosen))).toEqual({
    save: ['Mod+S'],
    open: ['Mod+O'],
    look: ['F3'],
  })
  const without = withKeys(COMMANDS, chosen, 'look', [])
  expect(withKeys(COMMANDS, without, 'open', ['Mod+O', 'F3'])).toEqual({})
})
