import { describe, expect, test } from 'vitest'
import { parseDuration } from './parse-duration.ts'
import { parseParameters } from './parse-parameters.ts'
import { parseWords } from './parse-words.ts'
import { textPosition } from './text-position.ts'
import { WrongUsage } from './wrong-usage.ts'

describe('durations', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['30', 30_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms))

  test.each(['', 'soon', '-1s', '0', '0.1ms', '1d', '1e3s', '9999h'])('%j is refused', (text) => {
    expect(() => parseDuration(text)).toThrow(WrongUsage)
  })
})

describe('parameters', () => {
  test.each([
    ['a=1', { a: { integer: '1' } }],
    ['a=-0.5', { a: { real: -0.5 } }],
    ['a=1e3', { a: { real: 1000 } }],
    ['a=null', { a: null }],
    ['a=', { a: '' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=007', { a: '007' }],
    ['a=+1', { a: '+1' }],
    ['a=9223372036854775808', { a: '9223372036854775808' }],
    ["a='it''s'", { a: "it's" }],
    ["a=x'0aFF'", { a: { blob: '0aFF' } }],
    ["a=x'0'", { a: "x'0'" }],
    [':a=1', { a: { integer: '1' } }],
  ])('%s', (word, expected) => expect(parseParameters([word])).toEqual(expected))

  test.each(['', 'a', '=1', '1a-b=2', 'a b=1'])('%j is refused', (word) => {
    expect(() => parseParameters([word])).toThrow(WrongUsage)
  })
})

test('an option that there is not is wrong usage, in one sentence', () => {
  expect(() => parseWords(['--nope'], {})).toThrow(new WrongUsage("Unknown option '--nope'"))
  expect(() => parseWords(['--file'], { file: { type: 'string' } })).toThrow(/argument missing/)
})

test('a place in a text is a line and a column of characters', () => {
  expect(textPosition('a\nb😀c', 5)).toEqual({ line: 2, column: 3 })
  expect(textPosition('', 0)).toEqual({ line: 1, column: 1 })
})
