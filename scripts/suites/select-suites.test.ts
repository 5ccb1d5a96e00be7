import { describe, expect, test } from 'vitest'
import { selectSuites } from './select-suites.ts'
import type { Suite } from './suite.ts'

const suite = (name: string): Suite => ({
  name,
  about: `about ${name}`,
  requires: [],
  limitMinutes: 1,
  counts: 'once',
  run: () => Promise.resolve(0),
})
const lint = suite('lint')
const unit = suite('unit')
const all = [lint, unit]

describe('selectSuites', () => {
  test('takes all when none is named', () => {
    expect(selectSuites(all, [])).toEqual({ kind: 'selected', suites: all, extra: [] })
  })

  test('takes those that are named, in the order in which they are named', () => {
    expect(selectSuites(all, ['unit', 'lint'])).toEqual({ kind: 'selected', suites: [unit, lint], extra: [] })
  })

  test('hands what follows a single name to its tool', () => {
    expect(selectSuites(all, ['unit', '-t', 'lint'])).toEqual({
      kind: 'selected',
      suites: [unit],
      extra: ['-t', 'lint'],
    })
  })

  test.each([[['--watch']], [['typo']], [['lint', 'unit', '--fix']]])(
    'lists the suites when it is given %j',
    (words) => {
      const selection = selectSuites(all, words)
      const message = selection.kind === 'refused' ? selection.message : ''
      expect(message).toMatch(/is no suite.*\n {2}lint +about lint\n {2}unit +about unit/)
    },
  )
})
