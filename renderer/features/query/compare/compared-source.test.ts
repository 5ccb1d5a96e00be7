import { expect, test } from 'vitest'
import type { GridSource } from '../../../ui/grid/grid-source.ts'
import { comparedSource } from './compared-source.ts'

function source(names: readonly string[], rows: readonly (readonly string[])[]): GridSource {
  return {
    columns: names.map((name) => ({ name, type: '' })),
    rowCount: rows.length,
    cell(row, column) {
      const text = rows[row]?.[column]
      return text === undefined ? undefined : { kind: 'text', text, cut: false }
    },
    show: () => undefined,
    subscribe: () => () => undefined,
  }
}

test('cells with another value are marked, whatever the order of the columns', () => {
  const before = source(
    ['id', 'price'],
    [
      ['1', '5'],
      ['2', '7'],
    ],
  )
  const after = source(
    ['price', 'id'],
    [
      ['5', '1'],
      ['8', '2'],
    ],
  )
  const compared = comparedSource(after, before)
  const looks = [0, 1].map((row) => [0, 1].map((column) => compared.cellLook?.(row, column)))
  expect(looks).toEqual([
    [undefined, undefined],
    ['changed', undefined],
  ])
})

test('rows and columns that the other has not are marked as such', () => {
  const compared = comparedSource(
    source(
      ['id', 'note'],
      [
        ['1', 'a'],
        ['2', 'b'],
      ],
    ),
    source(['id'], [['1']]),
  )
  expect(compared.cellLook?.(0, 0)).toBeUndefined()
  expect(compared.cellLook?.(0, 1)).toBe('added')
  expect(compared.rowLook?.(0)).toBeUndefined()
  expect(compared.rowLook?.(1)).toBe('added')
  expect(compared.cellLook?.(1, 0)).toBe('added')
})

test('what is still being fetched is not called different', () => {
  const compared = comparedSource(source(['id'], [['1']]), { ...source(['id'], []), rowCount: 1 })
  expect(compared.cellLook?.(0, 0)).toBeUndefined()
})
