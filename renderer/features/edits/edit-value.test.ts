import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import { readChunk, type Cell } from '#contract/chunk/read.ts'
import { drawnValue, expectedForm, isSameValue, readWritten, valueOf, writtenValue } from './edit-value.ts'

function read(value: RawValue): Cell {
  const builder = buildChunks(1)
  builder.append([value])
  return readChunk(builder.finish()).cell(0, 0)
}

test('a value is given back exactly as it was read', () => {
  expect(valueOf(read(null))).toBe(null)
  expect(valueOf(read(9_223_372_036_854_775_807n))).toEqual({ integer: '9223372036854775807' })
  expect(valueOf(read(1))).toEqual({ real: 1 })
  expect(valueOf(read(-0))).toEqual({ real: -0 })
  expect(valueOf(read(-Infinity))).toEqual({ real: '-Infinity' })
  expect(valueOf(read('雪\u0000\ufeff'))).toBe('雪\u0000\ufeff')
  expect(valueOf(read(new Uint8Array([0, 255])))).toEqual({ blob: '00FF' })
})

test('text whose bytes are not valid is given by its bytes', () => {
  expect(valueOf({ kind: 'text', bytes: new Uint8Array([0x61, 0xff]) })).toEqual({ text: '61FF' })
})

test('what is written for a value is read as that very value again', () => {
  const raw = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'binary' }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double(),
    fc.uint8Array(),
  )
  fc.assert(
    fc.property(raw, (value) => {
      const before = valueOf(read(value))
      const after = readWritten(writtenValue(before))
      expect(after !== undefined && isSameValue(before, after)).toBe(true)
    }),
  )
})

test('a number that is none, or is too large for an integer, is refused; 1.0 stays a real', () => {
  const number = (text: string) => readWritten({ form: 'number', text })
  expect(number('12 ')).toEqual({ integer: '12' })
  expect(number('1.0')).toEqual({ real: 1 })
  expect(number('1e3')).toEqual({ real: 1000 })
  expect(number('9223372036854775808')).toBeUndefined()
  expect(number('1,5')).toBeUndefined()
  expect(number('')).toBeUndefined()
  expect(number('1e999')).toBeUndefined()
})

test('bytes are written in hexadecimal, with or without 0x and spaces', () => {
  expect(readWritten({ form: 'blob', text: '0x00 ff' })).toEqual({ blob: '00FF' })
  expect(readWritten({ form: 'blob', text: 'f' })).toBeUndefined()
})

test('NULL, an empty text and the text NULL are not the same', () => {
  expect(isSameValue(null, '')).toBe(false)
  expect(isSameValue('NULL', null)).toBe(false)
  expect(isSameValue({ real: 1 }, { integer: '1' })).toBe(false)
  expect(drawnValue('')).toEqual({ kind: 'text', text: '', cut: false })
})

test.each([
  ['BIGINT', 'number'],
  ['VARCHAR(20)', 'text'],
  ['', 'text'],
  ['BLOB', 'blob'],
  ['DOUBLE PRECISION', 'number'],
  ['DATE', 'text'],
] as const)('in a column of type "%s" one expects %s', (type, form) => {
  expect(expectedForm(type, 'sqlite')).toBe(form)
})

test.each([
  ['bigint', 'number'],
  ['numeric(10,2)', 'text'],
  ['interval', 'text'],
  ['bytea', 'blob'],
  ['integer[]', 'text'],
] as const)('in a column of a server of type "%s" one expects %s', (type, form) => {
  expect(expectedForm(type, 'postgres')).toBe(form)
})
