import { expect, test } from 'vitest'
import {
  findVariables,
  variableRows,
  withMark,
  withoutChange,
  withoutVariable,
  withValue,
  type EnvironmentChanges,
} from './variable-rows.ts'

const base = { PATH: '/bin', home: '/h', API_KEY: null, LANG: 'C' }
const states = (changes: EnvironmentChanges) =>
  variableRows(base, changes).map(({ name, state, value, secret }) =>
    [name, state, value ?? '?', ...(secret ? ['secret'] : [])].join(' '),
  )

test('every variable is shown as the command would find it, with what became of it', () => {
  expect(states({})).toEqual([
    'API_KEY inherited ? secret',
    'home inherited /h',
    'LANG inherited C',
    'PATH inherited /bin',
  ])
  expect(
    states({ PATH: '/opt', NEW: '1', home: null, TOKEN: 'x', SEALED: { sealed: '' }, LANG: { secret: 'C' } }),
  ).toEqual([
    'API_KEY inherited ? secret',
    'home removed /h',
    'LANG changed C secret',
    'NEW added 1',
    'PATH changed /opt',
    'SEALED added ? secret',
    'TOKEN added x secret',
  ])
})

test('setting a variable to what it is anyway is no change, and taking back leaves none', () => {
  const changed = withValue(base, {}, 'PATH', '/opt')
  expect(changed).toEqual({ PATH: '/opt' })
  expect(withValue(base, changed, 'PATH', '/bin')).toEqual({})
  expect(withoutChange(changed, 'PATH')).toEqual({})
  expect(withoutVariable(base, changed, 'PATH')).toEqual({ PATH: null })
  expect(withoutVariable(base, { NEW: '1' }, 'NEW')).toEqual({})
})

test('a value that is marked stays a secret while it is typed, until the mark is taken off', () => {
  const [, , lang] = variableRows(base, {})
  if (!lang) throw new Error('unreachable')
  const marked = withMark(base, {}, lang, true)
  expect(marked).toEqual({ LANG: { secret: 'C' } })
  expect(withValue(base, marked, 'LANG', 'de')).toEqual({ LANG: { secret: 'de' } })
  expect(withMark(base, marked, lang, false)).toEqual({})
  const sealed = { LANG: { sealed: 'eA==' } }
  expect(withMark(base, sealed, { ...lang, value: null }, false)).toEqual(sealed)
})

test('variables are found by words of their names and values, secrets by their names alone', () => {
  const rows = variableRows(base, { TOKEN: 'home' })
  const found = (sought: string) => findVariables(rows, sought).map(({ name }) => name)
  expect(found('h')).toEqual(['home', 'PATH'])
  expect(found('/b PATH')).toEqual(['PATH'])
  expect(found('home')).toEqual(['home'])
  expect(found('')).toHaveLength(rows.length)
})
