import type { ExportFormat } from '#contract/transfer.ts'
import { textFormat } from '#kit/formats/export-format.ts'
import { failed } from '#kit/request-failed.ts'
import { freeBytes } from '../free-bytes.ts'
import type { ExportWriter } from './export-writer.ts'
import { writeFile } from './write-file.ts'
import { writePipe } from './write-pipe.ts'
import { writeXlsx } from './write-xlsx.ts'

/** Starts writing to a named pipe that somebody reads. @throws RequestFailed `cancelled` when nobody does. */
export function writeExportToPipe(
  path: string,
  format: ExportFormat,
  names: readonly string[],
): ExportWriter {
  if (format.kind === 'xlsx')
    throw failed('invalid-params', 'A workbook cannot be written into a pipe. Choose CSV or JSON lines.')
  const rows = textFormat(format, names)
  const pipe = writePipe(path)
  pipe.write(rows.begin())
  return {
    get bytes() {
      return pipe.bytes
    },
    shortened: 0,
    add(chunk) {
      const piece = rows.rows(chunk)
      pipe.write(piece)
      if (typeof piece !== 'string') freeBytes(piece)
    },
    end: () => pipe.write(rows.end()),
    close: pipe.close,
    pipe,
  }
}

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
