import { expect, test } from 'vitest'
import type { Parameter } from '#contract/template/parameter.ts'
import { FIRST_PARAMETER, parameterDraft, parameterOf } from './parameter-draft.ts'

test('every parameter can be edited and is then what it was', () => {
  const parameters: Parameter[] = [
    { type: 'text', name: 'a' },
    { type: 'text', name: 'a', default: '', description: 'What for' },
    { type: 'number', name: 'n', default: '1' },
    { type: 'file', name: 'f' },
    { type: 'folder', name: 'd', default: '/x' },
    { type: 'choice', name: 'c', choices: ['a b', 'c'], default: 'c' },
    { type: 'flag', name: 'g', on: '-g', default: 'true' },
    { type: 'secret', name: 's' },
  ]
  for (const parameter of parameters) expect(parameterOf(parameterDraft(parameter))).toEqual(parameter)
})

test('a flag has an option for its text unless it is given another, and a bad name makes no parameter', () => {
  expect(parameterOf({ ...FIRST_PARAMETER, name: ' deep ', type: 'flag' })).toEqual({
    ...{ name: 'deep', type: 'flag', on: '--deep', default: 'false' },
  })
  expect(parameterOf({ ...FIRST_PARAMETER, name: 'PATH' })).toBeUndefined()
  expect(parameterOf({ ...FIRST_PARAMETER, name: 'c', type: 'choice' })).toBeUndefined()
})
