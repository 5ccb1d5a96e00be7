import { extname, resolve } from 'node:path'
import type { ExportFormat, ExportWork } from '#contract/transfer.ts'
import type { Command } from '../command.ts'
import { databaseOf } from '../database-word.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { followTransfer } from '../follow-transfer.ts'
import { parsePlace, placeHelp, placeOptions } from '../runs/parse-place.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop export <run> --to <file> [options]
offloop export --database <database> --sql <sql> --to <file> [options]

Writes the finished result of a run, or the rows of a query, to a file that appears when it is whole.

  --format <format>   csv, tsv, json, jsonl, markdown, sql or xlsx; without it what the file's ending says
  --table <name>      for sql: the table that the rows are inserted into
  --replace           replace a file that is there already

${placeHelp}

Ctrl-C cancels, and leaves nothing.`

/** What the endings of files mean. */
const FORMATS: Readonly<Record<string, string>> = { md: 'markdown', ndjson: 'jsonl' }

/** `offloop export` */
export const exportRows: Command = {
  about: 'write the rows of a result or query to a file',
  help,
  async run(context) {
    const { words, profile, launch, signal } = context
    const { values, positionals } = parseWords(words, {
      to: { type: 'string' },
      database: { type: 'string' },
      sql: { type: 'string' },
      format: { type: 'string' },
      table: { type: 'string' },
      replace: { type: 'boolean', default: false },
      ...placeOptions,
    })
    if (values.to === undefined) throw new WrongUsage('Name the file: --to <file>')
    const source = sourceOf(positionals, values.database, values.sql)
    const ending = extname(values.to).slice(1).toLowerCase()
    const format = formatOf(values.format ?? FORMATS[ending] ?? ending, values.table)
    const place = parsePlace(values)
    const connection = await reachOffloop(profile, launch, signal)
    try {
      const file = resolve(values.to)
      const transfer = { kind: 'export', source, file, replace: values.replace, format } as const
      const request = { kind: 'transfer', transfer, ...place } as const
      return await followTransfer(connection.client, request, context, values.verbose)
    } finally {
      connection.close()
    }
  },
}

function sourceOf(
  [word, ...rest]: readonly string[],
  database: string | undefined,
  sql: string | undefined,
): ExportWork['source'] {
  if (rest.length > 0) throw new WrongUsage(`"${rest.join(' ')}" is too much`)
  if (word === undefined) {
    if (database !== undefined && sql !== undefined)
      return { kind: 'query', database: databaseOf(database), sql }
    throw new WrongUsage('Name a run, or a query with --database and --sql')
  }
  if (database !== undefined || sql !== undefined) throw new WrongUsage('Name a run or a query, not both')
  if (!/^[1-9]\d{0,14}$/.test(word)) throw new WrongUsage(`"${word}" is not the number of a run`)
  return { kind: 'result', run: Number(word) }
}

function formatOf(word: string, table: string | undefined): ExportFormat {
  switch (word) {
    case 'csv':
    case 'tsv':
      return { kind: word, header: true, bom: false, nullText: '', quotes: 'needed' }
    case 'json':
    case 'jsonl':
    case 'markdown':
      return { kind: word }
    case 'xlsx':
      return { kind: word, header: true }
    case 'sql':
      if (table === undefined)
        throw new WrongUsage('Name the table that the rows are inserted into: --table <name>')
      return { kind: word, table }
    default:
      throw new WrongUsage(
        `There is no format "${word}". The formats are csv, tsv, json, jsonl, markdown, sql and xlsx`,
      )
  }
}
