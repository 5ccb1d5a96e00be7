import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellText, cutText } from './cell-text.ts'
import { buildChunks, type RawValue } from './encode.ts'
import { CHUNK_BYTES_GOAL, FORM, MAX_CHUNK_ROWS } from './format.ts'
import { DamagedChunk, readChunk, type Cell, type Chunk } from './read.ts'
import { slice, sliceAcross } from './slice.ts'

const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const smallInteger = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n - 1n })
const real = fc.double({ noNaN: true })
const text = fc.string({ unit: 'grapheme', maxLength: 30 })
const blob = fc.uint8Array({ maxLength: 30 })
const nothing = fc.constant(null)
const column: fc.Arbitrary<fc.Arbitrary<RawValue>> = fc.constantFrom(
  nothing,
  integer,
  smallInteger,
  real,
  text,
  blob,
  fc.oneof(integer, nothing),
  fc.oneof(smallInteger, nothing),
  fc.oneof(real, nothing),
  fc.oneof(text, nothing),
  fc.oneof(blob, nothing),
  fc.oneof(integer, real, text, blob, nothing),
)

/** Rows whose columns each hold values of one kind, with or without NULLs, or of all kinds. */
const table = fc
  .array(column, { minLength: 1, maxLength: 6 })
  .chain((columns) => fc.array(fc.tuple(...columns), { minLength: 1, maxLength: 40 }))

function chunkOf(rows: readonly (readonly RawValue[])[]): Chunk {
  const builder = buildChunks(rows[0]?.length ?? 0)
  for (const row of rows) builder.append(row)
  return readChunk(builder.finish())
}

function raw(cell: Cell): RawValue {
  switch (cell.kind) {
    case 'null':
      return null
    case 'text':
      return cellText(cell)
    case 'blob':
      return new Uint8Array(cell.bytes)
    case 'integer':
    case 'real':
      return cell.value
    default:
      return cell satisfies never
  }
}

function rowsOf(chunk: Chunk): RawValue[][] {
  return Array.from({ length: chunk.rowCount }, (_, row) =>
    Array.from({ length: chunk.columnCount }, (__, index) => raw(chunk.cell(row, index))),
  )
}

describe('a chunk', () => {
  it('gives back every value exactly, whatever kinds a column mixes', () => {
    fc.assert(
      fc.property(table, (rows) => {
        expect(rowsOf(chunkOf(rows))).toEqual(rows)
      }),
    )
  })

  it('keeps apart 1 and 1.0, NULL and empty, text and blob, the ends of 64 bits, and both infinities', () => {
    const values: RawValue[] = [
      1n,
      1,
      -0,
      null,
      '',
      new Uint8Array(),
      '1',
      2n ** 63n - 1n,
      -(2n ** 63n),
      Infinity,
      -Infinity,
    ]
    expect(rowsOf(chunkOf(values.map((value) => [value])))).toEqual(values.map((value) => [value]))
    expect(rowsOf(chunkOf([values]))).toEqual([values])
  })

  it('chooses the narrowest form of a column', () => {
    const forms = (rows: RawValue[][]): number[] => {
      const chunk = chunkOf(rows)
      return Array.from({ length: chunk.columnCount }, (_, index) => chunk.column(index).form)
    }
    expect(forms([[null, 1n, 2n ** 31n, 1, 'a', new Uint8Array(1), 1n]])).toEqual([
      FORM.null,
      FORM.int32,
      FORM.int64,
      FORM.float64,
      FORM.text,
      FORM.blob,
      FORM.int32,
    ])
    expect(forms([[-(2n ** 31n)], [2n ** 31n - 1n]])).toEqual([FORM.int32])
    expect(forms([[1n], [1]])).toEqual([FORM.mixed])
  })

  it('keeps texts apart whose halves of a character would join at the seam, and replaces the halves', () => {
    expect(rowsOf(chunkOf([['\ud83d'], ['\ude00'], ['😀']]))).toEqual([['\ufffd'], ['\ufffd'], ['😀']])
  })

  it('keeps a text with a NUL and one above the length that is joined', () => {
    const long = '数'.repeat(100_000)
    expect(rowsOf(chunkOf([['a\0b'], [long], ['']]))).toEqual([['a\0b'], [long], ['']])
  })

  it('is full at its number of rows and at its bytes', () => {
    const builder = buildChunks(1)
    for (let row = 1; row < MAX_CHUNK_ROWS; row += 1) builder.append([null])
    expect(builder.full).toBe(false)
    builder.append([null])
    expect(builder.full).toBe(true)
    builder.finish()
    expect([builder.full, builder.rows]).toEqual([false, 0])
    builder.append(['x'.repeat(CHUNK_BYTES_GOAL)])
    expect(builder.full).toBe(true)
  })

  it('reads from bytes that are not aligned in memory', () => {
    const builder = buildChunks(1)
    builder.append([123_456_789_012_345n])
    const bytes = builder.finish()
    const shifted = new Uint8Array(bytes.length + 1).subarray(1)
    shifted.set(bytes)
    expect(rowsOf(readChunk(shifted))).toEqual([[123_456_789_012_345n]])
  })

  it('refuses rows and columns that it does not have', () => {
    const chunk = chunkOf([[1n]])
    expect(() => chunk.cell(1, 0)).toThrow(RangeError)
    expect(() => chunk.cell(-1, 0)).toThrow(RangeError)
    expect(() => chunk.cell(0, 1)).toThrow(RangeError)
  })

  it('throws a clear error for damaged bytes, or reads values, and never anything else', () => {
    fc.assert(
      fc.property(
        table,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        (rows, hits) => {
          const builder = buildChunks(rows[0]?.length ?? 0)
          for (const row of rows) builder.append(row)
          const bytes = builder.finish()
          for (const [at, byte] of hits) bytes[at % bytes.length] = byte
          try {
            const chunk = readChunk(bytes)
            rowsOf(chunk)
            slice(chunk, 0, chunk.rowCount, 10)
          } catch (error) {
            if (!(error instanceof DamagedChunk)) throw error
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('throws for bytes that are cut off anywhere', () => {
    fc.assert(
      fc.property(table, fc.nat(), (rows, cut) => {
        const builder = buildChunks(rows[0]?.length ?? 0)
        for (const row of rows) builder.append(row)
        const bytes = builder.finish()
        expect(() => readChunk(bytes.subarray(0, cut % bytes.length))).toThrow(DamagedChunk)
      }),
    )
  })
})

describe('a slice', () => {
  it('holds the rows asked for, from however many chunks they come', () => {
    const tables = fc
      .array(fc.array(column, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 })
      .chain((each) =>
        fc.tuple(...each.map((columns) => fc.array(fc.tuple(...columns), { minLength: 1, maxLength: 20 }))),
      )
    fc.assert(
      fc.property(tables, fc.nat(), fc.nat(), (all, start, length) => {
        const parts = all.map((rows) => {
          const from = start % rows.length
          return { rows, chunk: chunkOf(rows), from, count: length % (rows.length - from + 1) }
        })
        const { chunk, cut } = sliceAcross(parts, Infinity)
        expect(cut).toEqual([])
        expect(rowsOf(readChunk(chunk))).toEqual(
          parts.flatMap(({ rows, from, count }) => rows.slice(from, from + count)),
        )
      }),
    )
  })

  it('cuts long values between characters and says how long they were', () => {
    const chunk = chunkOf([
      ['short', new Uint8Array(3)],
      ['数据库', new Uint8Array(20)],
      [5n, 'x'.repeat(9)],
    ])
    const { chunk: bytes, cut } = slice(chunk, 0, 3, 8)
    expect(rowsOf(readChunk(bytes))).toEqual([
      ['short', new Uint8Array(3)],
      ['数据', new Uint8Array(8)],
      [5n, 'xxxxxxxx'],
    ])
    expect(cut).toEqual([
      [1, 0, 9],
      [1, 1, 20],
      [2, 1, 9],
    ])
  })

  it('refuses rows that the chunk does not have', () => {
    expect(() => slice(chunkOf([[1n]]), 0, 2, 10)).toThrow(RangeError)
  })
})

describe('a cell as text', () => {
  it('shows reals as reals, blobs in hexadecimal and bytes that are not UTF-8 replaced', () => {
    const shown = (value: RawValue): string => cellText(chunkOf([[value]]).cell(0, 0))
    expect([1n, 1, 0.1, 1e21, 1.5e300, 1e-7, -0, Infinity, -Infinity, null, ''].map(shown)).toEqual([
      '1',
      '1.0',
      '0.1',
      '1.0e+21',
      '1.5e+300',
      '1.0e-7',
      '-0.0',
      'Inf',
      '-Inf',
      '',
      '',
    ])
    expect(shown(new Uint8Array([0, 171, 255]))).toBe('00ABFF')
    expect(cellText({ kind: 'text', bytes: new Uint8Array([255, 65]) })).toBe('\ufffdA')
  })

  it('is cut so that what is left is the beginning of the text, at most a character short', () => {
    const encoder = new TextEncoder()
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (value, limit) => {
        const cut = cutText(encoder.encode(value), limit)
        expect(cut.length).toBeLessThanOrEqual(limit)
        expect(cut.length).toBeGreaterThan(Math.min(limit, encoder.encode(value).length) - 4)
        expect(value.startsWith(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(cut))).toBe(
          true,
        )
      }),
    )
  })
})
