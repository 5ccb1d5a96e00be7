import {
  aligned,
  CHUNK_HEADER_BYTES,
  CHUNK_MAGIC,
  COLUMN_ENTRY_BYTES,
  HEADER_WORDS,
  MAX_CHUNK_BYTES,
  WORDS_PER_COLUMN_ENTRY,
  type Form,
} from './format.ts'

/** One column ready to be laid out: its sections as bytes, absent where its form has none. */
export interface ColumnSections {
  readonly form: Form
  /** Bitmap of NULLs; left out when there are none. */
  readonly nulls?: Uint8Array | undefined
  readonly values?: Uint8Array | undefined
  readonly tags?: Uint8Array | undefined
  /** Pieces of the heap, in order. */
  readonly heap?: readonly Uint8Array[] | undefined
}

/**
 * Lays columns out as a chunk.
 * @returns bytes that own their buffer, whose length is a multiple of 8.
 * @throws RangeError when they would be longer than MAX_CHUNK_BYTES.
 */
export function assemble(rows: number, columns: readonly ColumnSections[]): Uint8Array<ArrayBuffer> {
  let length = aligned(CHUNK_HEADER_BYTES + columns.length * COLUMN_ENTRY_BYTES)
  const heapLengths = columns.map(({ heap = [] }) => heap.reduce((sum, piece) => sum + piece.length, 0))
  for (const [index, { nulls, values, tags }] of columns.entries()) {
    for (const size of [nulls?.length, values?.length, tags?.length, heapLengths[index]])
      length += aligned(size ?? 0)
  }
  if (length > MAX_CHUNK_BYTES)
    throw new RangeError(`A row of ${length} bytes is longer than a result can hold.`)

  const chunk = new Uint8Array(length)
  const words = new Uint32Array(chunk.buffer)
  words[0] = CHUNK_MAGIC
  words[1] = rows
  words[2] = columns.length
  words[3] = length

  let next = aligned(CHUNK_HEADER_BYTES + columns.length * COLUMN_ENTRY_BYTES)
  /** @returns where the section begins; 0, where the header is, says that there is none. */
  function place(pieces: readonly (Uint8Array | undefined)[]): number {
    const start = next
    for (const piece of pieces) {
      if (piece === undefined) continue
      chunk.set(piece, next)
      next += piece.length
    }
    next = aligned(next)
    return pieces[0] === undefined ? 0 : start
  }
  for (const [index, { form, nulls, values, tags, heap = [] }] of columns.entries()) {
    const entry = HEADER_WORDS + index * WORDS_PER_COLUMN_ENTRY
    words[entry] = form
    words[entry + 1] = place([nulls])
    words[entry + 2] = place([values])
    words[entry + 3] = place([tags])
    words[entry + 4] = place(heap)
    words[entry + 5] = heapLengths[index] ?? 0
  }
  return chunk
}
