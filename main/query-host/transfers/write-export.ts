import type { ExportFormat } from '#contract/transfer.ts'
import { textFormat } from '#kit/formats/export-format.ts'
import { failed } from '#kit/request-failed.ts'
import { freeBytes } from '../free-bytes.ts'
import type { ExportWriter } from './export-writer.ts'
import { writeFile, type FileWriter } from './write-file.ts'
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
  const pipe = writePipe(path)
  const writer = writeText(pipe, format, names)
  // Its end comes when its reader has taken all that waits, which is for those to see to who can wait.
  return Object.assign(writer, { pipe })
}

/** Starts a file that is not there yet. @throws RequestFailed `disk-full`, `invalid-params`. */
export function writeExport(path: string, format: ExportFormat, names: readonly string[]): ExportWriter {
  if (format.kind === 'xlsx') return writeXlsx(path, format.header, names)
  const file = writeFile(path)
  const writer = writeText(file, format, names)
  const { end } = writer
  return Object.assign(writer, {
    end() {
      end()
      file.end()
    },
  })
}

/** Writes rows as text to whatever takes it, from the format's beginning to its end. */
function writeText(
  sink: Pick<FileWriter, 'bytes' | 'write' | 'close'>,
  format: Exclude<ExportFormat, { kind: 'xlsx' }>,
  names: readonly string[],
): ExportWriter {
  const rows = textFormat(format, names)
  sink.write(rows.begin())
  return {
    get bytes() {
      return sink.bytes
    },
    shortened: 0,
    add(chunk) {
      const piece = rows.rows(chunk)
      sink.write(piece)
      if (typeof piece !== 'string') freeBytes(piece)
    },
    end: () => sink.write(rows.end()),
    close: sink.close,
  }
}
