import type { ImportColumn, ImportFormat } from '#contract/transfer.ts'
import { convert, type Converted, type Value } from './convert-value.ts'
import { MalformedRow, parseCsv, type CsvParser, type Field } from './parse-csv.ts'
import { parseJsonRow } from './parse-json-row.ts'
import { splitLines } from './split-lines.ts'

const UTF8_MARK = Buffer.from('\uFEFF')

/** A row that cannot be taken; the message has its number and line. */
export class RefusedRow extends Error {
  constructor(row: number, line: number, what: string) {
    super(`Row ${row.toLocaleString('en')} (line ${line.toLocaleString('en')}): ${what}.`)
    this.name = 'RefusedRow'
  }
}

/**
 * Reads the rows of a file, a piece at a time, as values in the order of the columns.
 * @param onRow takes every row; the array is its own.
 * @returns a parser that throws RefusedRow for the first row that cannot be taken; the rows before it were handed out.
 */
export function readRows(
  format: ImportFormat,
  columns: readonly ImportColumn[],
  onRow: (values: Value[]) => void,
): CsvParser {
  switch (format.kind) {
    case 'csv':
      return withoutMark(readCsv(format, columns, onRow))
    case 'jsonl':
      return withoutMark(readJsonLines(columns, onRow))
    default:
      return format satisfies never
  }
}

function readCsv(
  format: Extract<ImportFormat, { kind: 'csv' }>,
  columns: readonly ImportColumn[],
  onRow: (values: Value[]) => void,
): CsvParser {
  let row = format.header ? -1 : 0
  const parser = parseCsv(format.separator, ({ fields, line }) => {
    const isBlank = columns.length > 1 && isBlankLine(fields)
    if (isBlank) return
    row += 1
    if (row === 0) return
    checkCount(fields.length, line)
    onRow(
      columns.map(({ name, type }, index) => {
        const field = fields[index]
        if (!field || (!field.quoted && field.text === format.nullText)) return null
        return valueOrRefusal(convert(field, type), name, row, line)
      }),
    )
  })

  function checkCount(count: number, line: number): void {
    const fits = format.rows === 'ragged' ? count <= columns.length : count === columns.length
    if (fits) return
    const fields = count === 1 ? '1 field' : `${count} fields`
    throw new RefusedRow(row, line, `${fields} where ${columns.length} were expected`)
  }

  return naming(parser, () => row + 1)
}

function readJsonLines(columns: readonly ImportColumn[], onRow: (values: Value[]) => void): CsvParser {
  const known = new Set(columns.map(({ name }) => name))
  let row = 0
  const lines = splitLines((text, line) => {
    if (text.trim() === '') return
    row += 1
    const values = rowOf(text, row, line)
    for (const key of values.keys()) {
      if (!known.has(key)) {
        throw new RefusedRow(row, line, `it has "${key}", for which there is no column; add one to take it`)
      }
    }
    onRow(
      columns.map(({ name, type }) => {
        const value = values.get(name)
        if (value === undefined) return null
        return 'value' in value ? value.value : valueOrRefusal(convert(value, type), name, row, line)
      }),
    )
  })
  return naming(lines, () => row + 1)
}

function rowOf(text: string, row: number, line: number): ReturnType<typeof parseJsonRow> {
  try {
    return parseJsonRow(text)
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RefusedRow(row, line, `it cannot be read as a JSON object (${error.message})`)
    }
    throw error
  }
}

function valueOrRefusal(converted: Converted, column: string, row: number, line: number): Value {
  if (converted.ok) return converted.value
  throw new RefusedRow(row, line, `in column "${column}", ${converted.why}`)
}

/** One empty field without quotes. */
export function isBlankLine([field, ...more]: readonly Field[]): boolean {
  return more.length === 0 && field?.text === '' && !field.quoted
}

/** Gives what is malformed the number of its row. */
function naming(parser: CsvParser, row: () => number): CsvParser {
  function named(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw error instanceof MalformedRow
        ? new RefusedRow(Math.max(1, row()), error.line, error.message)
        : error
    }
  }
  return { push: (bytes) => named(() => parser.push(bytes)), end: () => named(() => parser.end()) }
}

/** Leaves out the mark of UTF-8 at the start. The first piece has at least that many bytes, or is all there is. */
function withoutMark(parser: CsvParser): CsvParser {
  let isFirst = true
  return {
    push(bytes) {
      const begins = isFirst && UTF8_MARK.every((byte, index) => bytes[index] === byte)
      isFirst = false
      parser.push(begins ? bytes.subarray(UTF8_MARK.length) : bytes)
    },
    end: () => parser.end(),
  }
}
