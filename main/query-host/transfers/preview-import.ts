import { closeSync, fstatSync, readSync } from 'node:fs'
import type { ImportFormat, ImportPreview } from '#contract/transfer.ts'
import { failed } from '#kit/request-failed.ts'
import { guessColumn, looksLikeNumber } from './guess-column.ts'
import { openImport } from './open-import.ts'
import { MalformedRow, parseCsv, type CsvRow, type Field } from './parse-csv.ts'
import { parseJsonRow, type JsonValue } from './parse-json-row.ts'
import { isBlankLine } from './read-rows.ts'
import { splitLines } from './split-lines.ts'

/** Looked at: enough for a hundred rows of most files. */
const PREVIEW_BYTES = 1024 * 1024
const PREVIEW_ROWS = 100
/** A value in the preview is shown so far. */
const SHOWN_CHARACTERS = 200
/** In the order in which they win when a file could be read with several. */
const SEPARATORS = [',', '\t', ';', '|']
const UTF8_MARK = '\uFEFF'

/** The first bytes of what is to be imported. */
export interface Beginning {
  readonly bytes: Uint8Array
  /** There is more, so that the last row may be cut. */
  readonly isCut: boolean
  readonly total: number
}

/**
 * Looks at the beginning of a file: how it is written, what its columns are, and its first rows.
 * @param format how to read it, when that is known.
 * @throws RequestFailed `not-found`, or `invalid-params` when there is nothing in it that could be imported.
 */
export function previewImport(file: string, format?: ImportFormat): ImportPreview {
  const beginning = readBeginning(file)
  const isJson = format
    ? format.kind === 'jsonl'
    : /\.(?:jsonl|ndjson)$/i.test(file) || beginsAsJson(beginning)
  const isCsv = format?.kind === 'csv'
  return previewBeginning(
    beginning,
    isJson ? { kind: 'jsonl' } : isCsv ? format : guessFormat(beginning),
    file,
  )
}

/**
 * As `previewImport`, for what was read already.
 * @param name of what it is the beginning of.
 */
export function previewBeginning(beginning: Beginning, format: ImportFormat, name: string): ImportPreview {
  const preview = format.kind === 'jsonl' ? previewJsonLines(beginning) : previewCsv(beginning, format)
  if (preview.columns.length > 0) return preview
  throw failed(
    'invalid-params',
    `There are no rows in ${name}${preview.trouble === null ? '' : `: ${preview.trouble}`}.`,
  )
}

function readBeginning(path: string): Beginning {
  const file = openImport(path)
  try {
    const room = Buffer.alloc(PREVIEW_BYTES)
    let filled = 0
    for (;;) {
      const read = readSync(file, room, filled, PREVIEW_BYTES - filled, null)
      filled += read
      if (read === 0 || filled === PREVIEW_BYTES) break
    }
    const total = fstatSync(file).size
    const mark = Buffer.from(UTF8_MARK)
    const start = room.subarray(0, mark.length).equals(mark) ? mark.length : 0
    return { bytes: room.subarray(start, filled), isCut: total > filled, total }
  } finally {
    closeSync(file)
  }
}

function beginsAsJson({ bytes }: Beginning): boolean {
  const [line = ''] = Buffer.from(bytes).toString().trimStart().split('\n')
  try {
    return parseJsonRow(line).size > 0
  } catch {
    // It is something else then.
    return false
  }
}

/** The first rows, and what is wrong within them. */
function rowsOf({ bytes, isCut }: Beginning, separator: string): { rows: CsvRow[]; trouble: string | null } {
  const rows: CsvRow[] = []
  const parser = parseCsv(separator, (row) => {
    if (rows.length <= PREVIEW_ROWS) rows.push(row)
  })
  try {
    parser.push(bytes)
    if (!isCut) parser.end()
  } catch (error) {
    if (!(error instanceof MalformedRow)) throw error
    if (rows.length <= PREVIEW_ROWS) return { rows, trouble: `line ${error.line}: ${error.message}` }
  }
  return { rows, trouble: null }
}

/** The separator with which most rows have the same number of fields, above one. */
function guessFormat(beginning: Beginning): Extract<ImportFormat, { kind: 'csv' }> {
  let best = { separator: ',', score: 0 }
  for (const separator of SEPARATORS) {
    const counts = new Map<number, number>()
    for (const { fields } of rowsOf(beginning, separator).rows) {
      if (fields.length > 1) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1)
    }
    const score = Math.max(0, ...counts.values())
    if (score > best.score) best = { separator, score }
  }
  const [first] = rowsOf(beginning, best.separator).rows
  return {
    kind: 'csv',
    separator: best.separator,
    header: first !== undefined && looksLikeHeader(first.fields),
    nullText: '',
    rows: 'strict',
  }
}

/** Names: all there, all different, none of them a number. */
function looksLikeHeader(fields: readonly Field[]): boolean {
  const names = fields.map(({ text }) => text.trim())
  return new Set(names).size === names.length && names.every((name) => name !== '' && !looksLikeNumber(name))
}

function previewCsv(beginning: Beginning, format: Extract<ImportFormat, { kind: 'csv' }>): ImportPreview {
  const { rows: all, trouble } = rowsOf(beginning, format.separator)
  const [first, ...rest] = all
  const width = Math.max(
    0,
    ...(format.header ? [first?.fields.length ?? 0] : all.map(({ fields }) => fields.length)),
  )
  const names = ownNames(
    Array.from({ length: width }, (_, index) =>
      format.header ? (first?.fields[index]?.text.trim() ?? '') : '',
    ),
  )
  const rows = (format.header ? rest : all)
    .filter(({ fields }) => width === 1 || !isBlankLine(fields))
    .slice(0, PREVIEW_ROWS)
  const isNull = (field: Field | undefined): boolean =>
    field === undefined || (!field.quoted && field.text === format.nullText)
  const uneven = rows.findIndex(({ fields }) => fields.length !== width)
  const unevenRow = rows[uneven]
  const columns = names.map((name, index) => {
    const fields = rows.map(({ fields: row }) => row[index])
    return { name, ...guessColumn(fields.map((field) => (isNull(field) ? undefined : field))) }
  })
  return {
    format,
    columns,
    rows: rows.map(({ fields }) =>
      names.map((_, index) => {
        const field = fields[index]
        return field === undefined || isNull(field) ? null : field.text.slice(0, SHOWN_CHARACTERS)
      }),
    ),
    trouble:
      unevenRow && format.rows === 'strict'
        ? `row ${uneven + 1} (line ${unevenRow.line}) has ${unevenRow.fields.length} fields where ${width} were expected`
        : trouble,
    bytes: beginning.total,
  }
}

function previewJsonLines(beginning: Beginning): ImportPreview {
  const rows: Map<string, JsonValue>[] = []
  let trouble: string | null = null
  const lines = splitLines((text, line) => {
    if (text.trim() === '' || rows.length >= PREVIEW_ROWS || trouble !== null) return
    try {
      rows.push(parseJsonRow(text))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      trouble = `line ${line} cannot be read as a JSON object (${error.message})`
    }
  })
  try {
    lines.push(beginning.bytes)
    if (!beginning.isCut) lines.end()
  } catch (error) {
    if (!(error instanceof MalformedRow)) throw error
    if (rows.length < PREVIEW_ROWS) trouble ??= `line ${error.line}: ${error.message}`
  }
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  return {
    format: { kind: 'jsonl' },
    columns: names.map((name) => ({ name, ...guessColumn(rows.map((row) => fieldOf(row.get(name)))) })),
    rows: rows.map((row) =>
      names.map((name) => fieldOf(row.get(name))?.text.slice(0, SHOWN_CHARACTERS) ?? null),
    ),
    trouble,
    bytes: beginning.total,
  }
}

function fieldOf(value: JsonValue | undefined): Field | undefined {
  if (value === undefined) return undefined
  if (!('value' in value)) return value
  const { value: made } = value
  return Buffer.isBuffer(made) ? { text: `\\x${made.toString('hex')}`, quoted: false } : undefined
}

/** Names of which none is missing or there twice: SQLite compares them without regard to case, in ASCII. */
function ownNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((wanted, index) => {
    const base = wanted === '' ? `column${index + 1}` : wanted
    let name = base
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${base}_${number}`
    taken.add(name.toLowerCase())
    return name
  })
}
