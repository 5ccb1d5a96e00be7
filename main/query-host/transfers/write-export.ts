import type { ExportFormat } from '#contract/transfer.ts'
import { textFormat } from '#kit/formats/export-format.ts'
import { freeBytes } from '../free-bytes.ts'
import type { ExportWriter } from './export-writer.ts'
import { writeFile } from './write-file.ts'
import { writeXlsx } from './write-xlsx.ts'

/** Starts a file that is not there yet. @throws RequestFailed `disk-full`, `invalid-params`. */
export function writeExport(path: string, format: ExportFormat, names: readonly string[]): ExportWriter {
  if (format.kind === 'xlsx') return writeXlsx(path, format.header, names)
  const rows = textFormat(format, names)
  const file = writeFile(path)
  file.write(rows.begin())
  return {
    get bytes() {
      return file.bytes
    },
    shortened: 0,
    add(chunk) {
      const piece = rows.rows(chunk)
      file.write(piece)
      if (typeof piece !== 'string') freeBytes(piece)
    },
    end() {
      file.write(rows.end())
      file.end()
    },
    close: file.close,
  }
}
