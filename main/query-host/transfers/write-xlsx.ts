import { realText } from '#contract/chunk/cell-text.ts'
import type { Chunk } from '#contract/chunk/read.ts'
import { eachRow, type CellFormat } from '#kit/formats/cell-reader.ts'
import { BLOB_PREFIX } from '#kit/formats/export-format.ts'
import { failed } from '#kit/request-failed.ts'
import type { ExportWriter } from './export-writer.ts'
import { writeFile } from './write-file.ts'
import { writeZip } from './write-zip.ts'

/** The limits of Excel: https://support.microsoft.com/en-us/office/1672b34d-7043-467e-8e27-269d656771c3 */
const MAX_ROWS = 1_048_576
const MAX_COLUMNS = 16_384
/** In UTF-16 code units. */
const MAX_TEXT = 32_767
/** A further sheet is begun before one file of the archive reaches the 4 GB that it may have. */
const MAX_SHEET_CHARACTERS = 1_000_000_000

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const TYPES = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
/** What XML cannot hold or would change, and what reads like its replacement: as `_x000D_`, ECMA-376 part 1, 22.4.2.4. */
const UNFIT = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)/g

/**
 * Starts a workbook, with further sheets where one is full. Integers beyond 2^53 are texts, for a cell's number is a
 * double; longer texts than a cell can hold are cut and counted.
 * @param header begin each sheet with the columns' names.
 * @throws RequestFailed `invalid-params` for too many columns, `disk-full`.
 */
export function writeXlsx(path: string, header: boolean, names: readonly string[]): ExportWriter {
  if (names.length > MAX_COLUMNS) {
    throw failed(
      'invalid-params',
      `XLSX has at most 16,384 columns, and these are ${names.length}. Choose fewer.`,
    )
  }
  const file = writeFile(path)
  const zip = writeZip(file)
  let shortened = 0
  let sheets = 0
  let rowsInSheet = 0
  let charactersInSheet = 0

  const cells: CellFormat = {
    null: '<c/>',
    integer: (value) =>
      Number.isSafeInteger(Number(value)) ? `<c><v>${value}</v></c>` : textCell(String(value)),
    real: (value) => (Number.isFinite(value) ? `<c><v>${value}</v></c>` : textCell(realText(value))),
    text: (heap, start, end) => textCell(heap.toString('utf8', start, end)),
    blob: (bytes) => textCell(BLOB_PREFIX + bytes.toString('hex')),
  }

  function textCell(text: string): string {
    return `<c t="inlineStr"><is><t xml:space="preserve">${escaped(fitting(text))}</t></is></c>`
  }

  function fitting(text: string): string {
    if (text.length <= MAX_TEXT) return text
    shortened += 1
    const last = text.charCodeAt(MAX_TEXT - 1)
    return text.slice(0, last >= 0xd800 && last <= 0xdbff ? MAX_TEXT - 1 : MAX_TEXT)
  }

  function row(texts: readonly string[]): void {
    if (rowsInSheet === MAX_ROWS || charactersInSheet > MAX_SHEET_CHARACTERS) beginSheet()
    const text = `<row>${texts.join('')}</row>`
    rowsInSheet += 1
    charactersInSheet += text.length
    zip.write(text)
  }

  function beginSheet(): void {
    if (sheets > 0) zip.write('</sheetData></worksheet>')
    sheets += 1
    rowsInSheet = 0
    charactersInSheet = 0
    zip.begin(`xl/worksheets/sheet${sheets}.xml`)
    zip.write(`${XML}<worksheet xmlns="${MAIN}"><sheetData>`)
    if (header) row(names.map(textCell))
  }

  function writeParts(): void {
    const numbers = Array.from({ length: sheets }, (_, index) => index + 1)
    zip.begin('xl/workbook.xml')
    const list = numbers.map((n) => `<sheet name="Sheet${n}" sheetId="${n}" r:id="rId${n}"/>`).join('')
    zip.write(`${XML}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets>${list}</sheets></workbook>`)
    zip.begin('xl/_rels/workbook.xml.rels')
    const relations = numbers.map(
      (n) => `<Relationship Id="rId${n}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${n}.xml"/>`,
    )
    zip.write(`${XML}<Relationships xmlns="${PACKAGE}/relationships">${relations.join('')}</Relationships>`)
    zip.begin('_rels/.rels')
    zip.write(
      `${XML}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    )
    zip.begin('[Content_Types].xml')
    const types = numbers.map(
      (n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="${TYPES}.worksheet+xml"/>`,
    )
    zip.write(
      `${XML}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPES}.sheet.main+xml"/>${types.join('')}</Types>`,
    )
  }

  beginSheet()
  return {
    get bytes() {
      return file.bytes
    },
    get shortened() {
      return shortened
    },
    add: (chunk: Chunk) => eachRow(chunk, cells, row),
    end() {
      zip.write('</sheetData></worksheet>')
      writeParts()
      zip.end()
      file.end()
    },
    close: file.close,
  }
}

function escaped(text: string): string {
  return text
    .replace(UNFIT, (unit) => `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`)
    .replace(/[&<>]/g, (character) => ENTITIES[character] ?? character)
}
