import fc from 'fast-check'
import { expect, test } from 'vitest'
import { asInField, withLineEnds } from './line-ends.ts'

test('a text keeps the line ends of the lines that were not changed', () => {
  expect(withLineEnds('one\r\ntwo\nthree\rfour', 'one\ntwo!\nthree\nfour')).toBe('one\r\ntwo!\nthree\rfour')
})

test('a new line ends as the others do', () => {
  expect(withLineEnds('one\r\ntwo', 'one\nnew\ntwo')).toBe('one\r\nnew\r\ntwo')
})

test('two line ends that came to stand side by side stay two', () => {
  expect(asInField(withLineEnds('\n\r', '\n\n\n'))).toBe('\n\n\n')
  expect(asInField(withLineEnds('\ra\nb\n', '\n\nb\n'))).toBe('\n\nb\n')
})

test('a text that was not changed is the same, and what was changed is as it was typed', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\r', '\n', '\r\n', '雪'), maxLength: 20 })
  fc.assert(
    fc.property(text, text, (original, other) => {
      expect(withLineEnds(original, asInField(original))).toBe(original)
      expect(asInField(withLineEnds(original, asInField(other)))).toBe(asInField(other))
    }),
  )
})
