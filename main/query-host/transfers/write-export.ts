import type { ExportFormat } from '#contract/transfer.ts'
import { textFormat } from '#kit/formats/export-format.ts'
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
    add: (chunk) => file.write(rows.rows(chunk)),
    end() {
      file.write(rows.end())
      file.end()
    },
    close: file.close,
  }
}
