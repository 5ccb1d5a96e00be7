import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnAt, columnsBetween, fittingWidth, isNumeric, layOutColumns } from './grid-layout.ts'
import type { GridCell } from './grid-source.ts'

const text = (value: string): GridCell => ({ kind: 'text', text: value, cut: false })
const integer = (value: string): GridCell => ({ kind: 'integer', text: value })

test('only the columns in view are drawn', () => {
  const layout = layOutColumns([100, 100, 100, 100])
  expect(columnsBetween(layout, 0, 150)).toEqual([0, 2])
  expect(columnsBetween(layout, 100, 200)).toEqual([1, 2])
  expect(columnsBetween(layout, 350, 900)).toEqual([3, 4])
  expect(columnsBetween(layOutColumns([]), 0, 500)).toEqual([0, 0])
})

test('every pixel of the view has its column drawn, whatever the widths', () => {
  const widths = fc.array(fc.integer({ min: 40, max: 600 }), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(widths, fc.nat(50_000), fc.integer({ min: 1, max: 2_000 }), (each, left, width) => {
      const layout = layOutColumns(each)
      const [first, end] = columnsBetween(layout, left, left + width)
      for (const px of [left, left + width - 1]) {
        expect(columnAt(layout, px)).toBeGreaterThanOrEqual(first)
        expect(columnAt(layout, px)).toBeLessThan(end)
      }
    }),
  )
})

test('a column is as wide as what is in it, between sensible ends', () => {
  const column = { name: 'id', type: 'INTEGER' }
  const narrow = fittingWidth(column, [integer('1')])
  expect(fittingWidth(column, [integer('1'), text('a rather long name of somebody')])).toBeGreaterThan(narrow)
  expect(fittingWidth(column, [text('x'.repeat(5_000))])).toBe(
    fittingWidth(column, [text('x'.repeat(50_000))]),
  )
  expect(fittingWidth({ name: '名称名称名称名称', type: '' }, [])).toBeGreaterThan(
    fittingWidth({ name: 'namename', type: '' }, []),
  )
})

test('a column of numbers and NULLs is numeric; one of nothing, or with any text, is not', () => {
  expect(isNumeric([integer('1'), { kind: 'null' }, { kind: 'real', text: '1.5' }])).toBe(true)
  expect(isNumeric([{ kind: 'null' }])).toBe(false)
  expect(isNumeric([integer('1'), text('one')])).toBe(false)
})
