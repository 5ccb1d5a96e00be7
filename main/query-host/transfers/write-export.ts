import type { Chunk } from '#contract/chunk/read.ts'
import type { ExportFormat } from '#contract/transfer.ts'
import { textFormat } from '#kit/formats/export-format.ts'
import { refusal } from '../database-failure.ts'
import { writeFile } from './write-file.ts'

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
}

/** Starts a file that is not there yet. @throws RequestFailed `disk-full`, `invalid-params`. */
export function writeExport(path: string, format: ExportFormat, names: readonly string[]): ExportWriter {
  if (format.kind === 'xlsx') throw refusal('XLSX is not there yet. Export as CSV.')
  const rows = textFormat(format, names)
  const file = writeFile(path)
  file.write(rows.begin())
  return {
    get bytes() {
      return file.bytes
    },
    shortened: 0,
    add: (chunk) => file.write(rows.rows(chunk)),
    end() {
      file.write(rows.end())
      file.end()
    },
    close: file.close,
  }
}
