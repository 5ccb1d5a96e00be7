import { expect, test } from 'vitest'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'
import { readChunk } from '#contract/chunk/read.ts'
import { gridCell } from './chunk-cells.ts'

function cellOf(value: RawValue, fullBytes?: number) {
  const builder = buildChunks(1)
  builder.append([value])
  return gridCell(readChunk(builder.finish()), 0, 0, fullBytes)
}

test('NULL, empty text and empty blob are told apart', () => {
  expect(cellOf(null)).toEqual({ kind: 'null' })
  expect(cellOf('')).toEqual({ kind: 'text', text: '', cut: false })
  expect(cellOf(new Uint8Array())).toEqual({ kind: 'blob', bytes: 0, preview: '0x' })
})

test('numbers are exact, and 1 is not 1.0', () => {
  expect(cellOf(9_223_372_036_854_775_807n)).toEqual({ kind: 'integer', text: '9223372036854775807' })
  expect(cellOf(1n)).toEqual({ kind: 'integer', text: '1' })
  expect(cellOf(1)).toEqual({ kind: 'real', text: '1.0' })
})

test('a long text is decoded only as far as it can be drawn, and says so', () => {
  const cell = cellOf('字'.repeat(10_000))
  expect(cell).toMatchObject({ kind: 'text', cut: true })
  expect(cell.kind === 'text' && cell.text.length).toBeLessThan(300)
  expect(cellOf('short', 50_000)).toEqual({ kind: 'text', text: 'short', cut: true })
})

test('a blob shows its first bytes and its whole size', () => {
  expect(cellOf(new Uint8Array([0x89, 0x50]))).toEqual({ kind: 'blob', bytes: 2, preview: '0x8950' })
  expect(cellOf(new Uint8Array(16), 70_000)).toEqual({
    kind: 'blob',
    bytes: 70_000,
    preview: '0x0000000000000000…',
  })
})
