import type { Chunk } from '#contract/chunk/read.ts'

/** Writes one result, a piece at a time. */
export interface RowFormat {
  begin(): string | Uint8Array
  rows(chunk: Chunk): string | Uint8Array
  end(): string | Uint8Array
}
