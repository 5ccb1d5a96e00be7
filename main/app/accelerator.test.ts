import { expect, test } from 'vitest'
import { acceleratorOf } from './accelerator.ts'

test('the menu writes shortcuts as Electron does, also the sign between their parts', () => {
  expect(acceleratorOf('Mod+Shift+P')).toBe('CommandOrControl+Shift+P')
  expect(acceleratorOf('Mod++')).toBe('CommandOrControl+Plus')
  expect(acceleratorOf('Ctrl+Alt+ArrowUp')).toBe('Control+Alt+Up')
  expect(acceleratorOf('F12')).toBe('F12')
})

test('keys that Electron has no name for are in no menu', () => {
  expect(acceleratorOf('Mod+é')).toBeUndefined()
  expect(acceleratorOf('AudioVolumeUp')).toBeUndefined()
})
