/**
 * The layout of a chunk: rows of a result in columnar form, the same bytes in result files and on ports. Described for
 * writers and readers in any language in docs/result-format.md.
 *
 * Little-endian, as every platform is that Offloop runs on; every section begins at a multiple of 8 bytes from the
 * start, so that readers lay typed arrays over the bytes and C code lays structs over them.
 */

/** "OFC1" as bytes, read as a little-endian number. */
export const CHUNK_MAGIC = 0x3143464f
/** Magic, rows, columns and length in bytes: four 32-bit numbers. */
export const CHUNK_HEADER_BYTES = 16
/** Form, nulls, values, tags, heap and length of the heap: six 32-bit numbers. */
export const COLUMN_ENTRY_BYTES = 24
export const WORDS_PER_COLUMN_ENTRY = COLUMN_ENTRY_BYTES / 4
export const HEADER_WORDS = CHUNK_HEADER_BYTES / 4

/** More rows lengthen the pauses of the host that writes them: at 16,000 its p99 answer took 29 to 38 ms, not 10. */
export const MAX_CHUNK_ROWS = 4_096
/** A chunk is closed once its values are about this long: a reader holds a few of them. One row may exceed it. */
export const CHUNK_BYTES_GOAL = 1024 * 1024
/** Offsets are 32-bit, and an allocation above this fails on some platforms anyway. */
export const MAX_CHUNK_BYTES = 2 ** 31 - 8

const ALIGNMENT = 8

/** How the values of one column are laid out in one chunk. */
export const FORM = {
  /** Every value is NULL; there are no sections. */
  null: 0,
  /** Values: int32 per row. */
  int32: 1,
  /** Values: int64 per row. */
  int64: 2,
  /** Values: IEEE 754 double per row. */
  float64: 3,
  /** Values: rows + 1 uint32 offsets into the heap, which holds UTF-8. */
  text: 4,
  /** As text, but the heap holds bytes without a meaning. */
  blob: 5,
  /** Tags: a TAG per row. Values: 8 bytes per row: int64, double, or uint32 offset and uint32 length in the heap. */
  mixed: 6,
} as const
export type Form = (typeof FORM)[keyof typeof FORM]

/** What a row holds in a mixed column; the numbers are not those of the forms. */
export const TAG = { null: 0, integer: 1, real: 2, text: 3, blob: 4 } as const

/** The next multiple of 8, where a section may begin. */
export function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT
}

/** How many bytes the bitmap of NULLs takes: bit `row & 7` of byte `row >> 3` is set for NULL. */
export function bitmapBytes(rows: number): number {
  return (rows + 7) >> 3
}
