import { expect, test } from 'vitest'
import { findParameters } from '#contract/sql/find-parameters.ts'
import { keepValues, readKeptValues, valueOf, valuesFor, type TypedValue } from './parameter-values.ts'

function storage(refuses = false) {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem(key: string, value: string) {
      if (refuses) throw new Error('There is no room.')
      items.set(key, value)
    },
  }
}
const typed = (kind: TypedValue['kind'], text = ''): TypedValue => ({ kind, text })

test('a typed value is exact: integers of 64 bits, reals that are whole, text that looks like a number, bytes', () => {
  expect(valueOf(typed('number', '9223372036854775807'))).toEqual({
    value: { integer: '9223372036854775807' },
  })
  expect(valueOf(typed('number', ' 7 '))).toEqual({ value: { integer: '7' } })
  expect(valueOf(typed('number', '1.0'))).toEqual({ value: { real: 1 } })
  expect(valueOf(typed('number', '-1e3'))).toEqual({ value: { real: -1000 } })
  expect(valueOf(typed('text', '007'))).toEqual({ value: '007' })
  expect(valueOf(typed('null', 'left over'))).toEqual({ value: null })
  expect(valueOf(typed('blob', "x'00 FF'"))).toEqual({ value: { blob: '00FF' } })
})

test('what cannot be read as its kind is refused', () => {
  expect(valueOf(typed('number', '1,5'))).toEqual({ trouble: 'not-a-number' })
  expect(valueOf(typed('number', ''))).toEqual({ trouble: 'not-a-number' })
  expect(valueOf(typed('number', '9223372036854775808'))).toEqual({ trouble: 'too-large' })
  expect(valueOf(typed('blob', 'abc'))).toEqual({ trouble: 'not-hex' })
})

test('values are given by number, gaps are NULL, and one that is missing or wrong stops all', () => {
  const parameters = findParameters('SELECT :a, ?4, :a')
  expect(
    valuesFor(
      parameters,
      new Map([
        ['a', typed('text', 'x')],
        ['?4', typed('number', '2')],
      ]),
    ),
  ).toEqual(['x', null, null, { integer: '2' }])
  expect(valuesFor(parameters, new Map([['a', typed('text', 'x')]]))).toBeUndefined()
  expect(valuesFor(findParameters('SELECT :a'), new Map([['a', typed('number', 'x')]]))).toBeUndefined()
})

test('values are kept for the next time, except long ones, and a damaged or full store does no harm', () => {
  const place = storage()
  keepValues(
    place,
    new Map([
      ['a', typed('text', 'first')],
      ['b', typed('null')],
    ]),
  )
  keepValues(
    place,
    new Map([
      ['a', typed('text', 'second')],
      ['c', typed('text', 'x'.repeat(10_001))],
    ]),
  )
  expect([...readKeptValues(place).keys()]).toEqual(['b', 'a'])
  expect(readKeptValues(place).get('a')).toEqual(typed('text', 'second'))
  keepValues(place, new Map(Array.from({ length: 300 }, (_, i) => [`n${i}`, typed('null')] as const)))
  expect(readKeptValues(place).size).toBe(200)

  place.setItem('offloop.parameters', '{')
  expect(readKeptValues(place).size).toBe(0)
  expect(() => keepValues(storage(true), new Map([['a', typed('null')]]))).not.toThrow()
})
