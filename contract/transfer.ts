import { z } from 'zod'
import { databaseAddress } from './database.ts'
import { pipeId } from './pipe-id.ts'
import { sqlParams } from './sql-value.ts'

/** Rows that go into a file, or come out of one: what is asked for, and how far it is. */

const index = z.number().int().nonnegative()
const count = z.number().int().nonnegative()
/** Absolute path of a file. */
const filePath = z.string().min(1)
/** One character of ASCII that may stand between two fields. */
const separator = z.string().regex(/^[\t -~]$/)
/** Longer words for NULL are none. */
const MAX_NULL_LENGTH = 100
/** How NULL is written, outside of quotes; the same text as a value stands in quotes. */
const nullText = z
  .string()
  .max(MAX_NULL_LENGTH)
  .regex(/^[^"\r\n]*$/)

/** How a file is written. */
export const exportFormat = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['csv', 'tsv']),
    /** Begin with a line of the columns' names. */
    header: z.boolean(),
    /** Begin with the mark that some spreadsheets need to take a file for UTF-8. */
    bom: z.boolean(),
    nullText,
    /** Which texts stand in quotes: those that must, or all, so that the number 1 and the text 1 stay apart. */
    quotes: z.enum(['needed', 'text']),
  }),
  z.object({ kind: z.literal('json') }),
  z.object({ kind: z.literal('jsonl') }),
  z.object({ kind: z.literal('markdown') }),
  /** A script of INSERT statements in one transaction. */
  z.object({ kind: z.literal('sql'), table: z.string().min(1) }),
  z.object({ kind: z.literal('xlsx'), header: z.boolean() }),
])
export type ExportFormat = z.infer<typeof exportFormat>

/** How cells are written for the clipboard. */
export const copyFormat = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['tsv', 'csv']),
    /** Begin with a line of the columns' names. */
    header: z.boolean(),
  }),
  z.object({ kind: z.enum(['json', 'jsonl', 'markdown']) }),
  /** INSERT statements, without a transaction around them. */
  z.object({ kind: z.literal('sql'), table: z.string().min(1) }),
])
export type CopyFormat = z.infer<typeof copyFormat>

/** What the values of a column become. `any` takes them as they are written: numbers, texts, blobs. */
export const importType = z.enum(['any', 'integer', 'real', 'text', 'blob'])
export type ImportType = z.infer<typeof importType>

/** How a file is read. */
export const importFormat = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('csv'),
    separator,
    /** The first line has the columns' names. */
    header: z.boolean(),
    nullText,
    /** `strict` fails at a row with more or fewer fields than columns; `ragged` takes missing ones for NULL. */
    rows: z.enum(['strict', 'ragged']),
  }),
  z.object({ kind: z.literal('jsonl') }),
])
export type ImportFormat = z.infer<typeof importFormat>

export const importColumn = z.object({
  /** Of the table's column; for JSON lines also the key. */
  name: z.string().min(1),
  type: importType,
})
export type ImportColumn = z.infer<typeof importColumn>

/** SQLite allows so many columns in a table. */
const MAX_COLUMNS = 32_767

export const exportWork = z.object({
  kind: z.literal('export'),
  source: z.discriminatedUnion('kind', [
    /** The finished result of a query, by the number of its run. */
    z.object({ kind: z.literal('result'), run: z.number().int().positive() }),
    z.object({
      kind: z.literal('query'),
      database: databaseAddress,
      sql: z.string().max(10_000_000),
      params: sqlParams.optional(),
    }),
  ]),
  /** The columns that are written, in that order; all of them without. */
  columns: z.array(index).min(1).max(MAX_COLUMNS).optional(),
  file: filePath,
  /** Whether a file that is there already may be replaced. */
  replace: z.boolean(),
  format: exportFormat,
})
export type ExportWork = z.infer<typeof exportWork>

export const importWork = z.object({
  kind: z.literal('import'),
  database: databaseAddress,
  table: z.string().min(1),
  /** Make the table, which must not be there yet; else it must be there, with these columns. */
  create: z.boolean(),
  file: filePath,
  format: importFormat,
  /** In the order of the fields. */
  columns: z.array(importColumn).min(1).max(MAX_COLUMNS),
})
export type ImportWork = z.infer<typeof importWork>

/** A query's rows that go into a pipe. */
export const feedWork = z.object({
  kind: z.literal('feed'),
  database: databaseAddress,
  sql: z.string().max(10_000_000),
  params: sqlParams.optional(),
  format: exportFormat,
  pipe: pipeId,
})
export type FeedWork = z.infer<typeof feedWork>

/** Rows that come out of a pipe and go into a table. */
export const loadWork = importWork.omit({ file: true }).extend({
  kind: z.literal('load'),
  /** Unless they are given, they have the names of the first rows, and values are kept as they are written. */
  columns: importWork.shape.columns.optional(),
  pipe: pipeId,
})
export type LoadWork = z.infer<typeof loadWork>

/** A transfer between a file and a database, as it is asked for. */
export const fileTransferSpec = z.object({
  kind: z.literal('transfer'),
  transfer: z.discriminatedUnion('kind', [exportWork, importWork]),
})

export type FileTransferSpec = z.infer<typeof fileTransferSpec>

export const transferSpec = z.object({
  kind: z.literal('transfer'),
  transfer: z.discriminatedUnion('kind', [exportWork, importWork, feedWork, loadWork]),
})
export type TransferSpec = z.infer<typeof transferSpec>

export const transferProgress = z.object({
  rows: count,
  /** Of the file, written or read. */
  bytes: count,
  /** Rows of the result, or bytes of the file that is imported; null where that is not known before. */
  total: count.nullable(),
  /** Texts that were shortened, because the format has a limit. */
  shortened: count.optional(),
})
export type TransferProgress = z.infer<typeof transferProgress>

/** What a file seems to hold, from its beginning. */
export const importPreview = z.object({
  format: importFormat,
  columns: z.array(
    importColumn.extend({
      /** Why that type was chosen. */
      reason: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('all-integers') }),
        z.object({ kind: z.literal('all-numbers') }),
        z.object({ kind: z.literal('all-blobs') }),
        z.object({ kind: z.literal('no-values') }),
        /** A value that only text keeps as it is written: `007`, `+49 30`, a date, more than 15 digits. */
        z.object({ kind: z.literal('text-value'), value: z.string(), row: count }),
      ]),
    }),
  ),
  /** The first rows as text; null for NULL. Long values are cut. */
  rows: z.array(z.array(z.string().nullable())),
  /** What is wrong within them, and would end the import. */
  trouble: z.string().nullable(),
  /** Of the file. */
  bytes: count,
})
export type ImportPreview = z.infer<typeof importPreview>
