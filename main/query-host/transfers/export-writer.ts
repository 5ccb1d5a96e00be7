import type { Chunk } from '#contract/chunk/read.ts'
import type { PipeWriter } from './write-pipe.ts'

/** Writes rows to a file in one format. */
export interface ExportWriter {
  /** Of the file so far. */
  readonly bytes: number
  /** Texts that were cut, because the format has a limit. */
  readonly shortened: number
  /** @throws RequestFailed `disk-full`, `invalid-params`; DamagedChunk. */
  add(chunk: Chunk): void
  /** Writes what comes after the rows, and closes the file. */
  end(): void
  /** Closes the file as it is. */
  close(): void
  /** Where it writes to a pipe: what waits for its reader, which is all that is left to do after `end`. */
  readonly pipe?: Pick<PipeWriter, 'room' | 'end'>
}
