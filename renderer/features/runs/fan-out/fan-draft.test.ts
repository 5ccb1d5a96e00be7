import { expect, test } from 'vitest'
import { FIRST_FAN, sourceOf } from './fan-draft.ts'

test('what is run for each of is known once the form is complete', () => {
  expect(sourceOf({ ...FIRST_FAN, text: 'a', path: '/x', run: 1, name: 'n' })).toBeUndefined()
  expect(sourceOf({ ...FIRST_FAN, kind: 'values', text: 'a\n\n b ', name: 'n' })).toEqual({
    ...{ kind: 'values', name: 'n', values: ['a', ' b '] },
  })
  expect(sourceOf({ ...FIRST_FAN, kind: 'values', text: '\n', name: 'n' })).toBeUndefined()
  expect(sourceOf({ ...FIRST_FAN, kind: 'lines', path: ' /x ', name: 'n' })).toEqual({
    ...{ kind: 'lines', name: 'n', path: '/x' },
  })
  expect(sourceOf({ ...FIRST_FAN, kind: 'lines', path: '/x' })).toBeUndefined()
  expect(sourceOf({ ...FIRST_FAN, kind: 'result', run: 12 })).toEqual({ kind: 'result', run: 12 })
  expect(sourceOf({ ...FIRST_FAN, kind: 'result', run: null })).toBeUndefined()
})
