import fc from 'fast-check'
import { expect, test } from 'vitest'
import { visibleText } from './visible-text.ts'

test('line ends, tabs and other control characters become signs', () => {
  expect(visibleText('one\ntwo\r\nthree\tfour\u0000')).toBe('one↵two↵three⇥four␀')
})

test('characters that would hide in a value, or turn its direction, are seen', () => {
  expect(visibleText('safe\u202egnp.exe\u200b')).toBe('safe·gnp.exe·')
})

test('ordinary text of any language is left alone', () => {
  expect(visibleText('Zoë, 张丽, שלום, 🎉')).toBe('Zoë, 张丽, שלום, 🎉')
})

test('a cell is always one short line, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
      const visible = visibleText(text)
      expect(visible.length).toBeLessThanOrEqual(400)
      expect(visible).not.toMatch(/[\u0000-\u001f\u007f\u202a-\u202e]/u)
    }),
  )
})
