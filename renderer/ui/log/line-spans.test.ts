import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineSpans } from './line-spans.ts'

const shown = (text: string): string =>
  lineSpans(text)
    .map((span) => span.text)
    .join('')

test('a plain line is one span without a style', () => {
  expect(lineSpans('hello 世界')).toEqual([{ text: 'hello 世界', classes: [] }])
  expect(lineSpans('')).toEqual([])
})

test('the sixteen colours become classes, so that both themes can read them', () => {
  expect(lineSpans('\u001b[31mred\u001b[0m and \u001b[1;92mgreen\u001b[0m')).toEqual([
    { text: 'red', classes: ['fg-red'] },
    { text: ' and ', classes: [] },
    { text: 'green', classes: ['log-bold', 'fg-bright-green'] },
  ])
})

test('colours of the palette and any other become colours', () => {
  expect(lineSpans('\u001b[38;5;208morange\u001b[0m')).toEqual([
    { text: 'orange', classes: [], color: 'rgb(255, 135, 0)' },
  ])
  expect(lineSpans('\u001b[38;5;244mgrey\u001b[0m')).toEqual([
    { text: 'grey', classes: [], color: 'rgb(128, 128, 128)' },
  ])
  expect(lineSpans('\u001b[48;2;1;2;3mdark\u001b[0m')[0]).toMatchObject({ background: 'rgb(1, 2, 3)' })
})

test('of a progress bar the last state is shown', () => {
  expect(shown('10%\r50%\r100%')).toBe('100%')
  expect(shown('10%\r50%\r100%\r')).toBe('100%')
})

test('a line end of Windows is no overwriting', () => {
  expect(shown('all of it\r')).toBe('all of it')
})

test('titles, links and cursor movements leave no trace', () => {
  expect(shown('\u001b]0;title\u0007\u001b[2K\u001b[1Gdone')).toBe('done')
  expect(shown('\u001b]8;;https://example.org\u001b\\link\u001b]8;;\u001b\\')).toBe('link')
})

test('markup in the output is text', () => {
  expect(lineSpans('<b onclick="x">&amp;</b>')).toEqual([{ text: '<b onclick="x">&amp;</b>', classes: [] }])
})

test('whatever a command prints, no control character but a tab reaches the screen', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(shown(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f]/u)
    }),
    { numRuns: 200 },
  )
})

test('whatever is coloured, its text is all there', () => {
  const colour = fc.integer({ min: 30, max: 37 })
  fc.assert(
    fc.property(fc.array(fc.tuple(colour, fc.stringMatching(/^[a-z <>&]{1,9}$/u))), (parts) => {
      const text = parts.map(([code, words]) => `\u001b[${code}m${words}\u001b[0m`).join('')
      expect(shown(text)).toBe(parts.map(([, words]) => words).join(''))
    }),
  )
})
