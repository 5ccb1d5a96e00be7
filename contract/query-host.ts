import { z } from 'zod'
import { bytes } from './bytes.ts'
import { call, stream, type Contract } from './channel.ts'
import { schema } from './database.ts'
import { columnInfo, queryProgress } from './run.ts'
import { statementEnd, statementRequest, statementRows } from './statement.ts'

/** What a reader of rows gets while a query runs. */
export const rowsItem = z.discriminatedUnion('kind', [
  /** First, and once: the columns of the result. */
  z.object({ kind: z.literal('columns'), columns: z.array(columnInfo) }),
  /** A chunk of rows in Offloop's columnar form (docs/result-format.md), the rows following each other without a gap. */
  z.object({
    kind: z.literal('rows'),
    firstRow: z.number().int().nonnegative(),
    chunk: bytes,
  }),
])
export type RowsItem = z.infer<typeof rowsItem>

/** How much of a result the asker wants pushed to it; the rest is fetched from the result file. */
export const rowsWanted = z.enum(['none', 'first', 'all'])
export type RowsWanted = z.infer<typeof rowsWanted>

/**
 * What the service asks of a query host: a process that holds one SQLite connection, may block, and may be killed at
 * any moment. Requests are answered one after the other.
 */
export const queryHostContract = {
  /** Opens the database that every later request is about. Fails with `database` or `not-found`. */
  open: call(
    z.object({ path: z.string(), mode: z.enum(['read-only', 'read-write']) }),
    z.object({
      sqliteVersion: z.string(),
      /**
       * Where interrupts are heard, once, by a Unix socket or a named pipe: the 8 bytes of a `stopToken` stop the
       * execution that has it, even inside a statement. Absent where the extension for that is not loaded.
       */
      interruptPath: z.string().optional(),
    }),
  ),
  /** Reads tables, views and columns. */
  schema: call(z.object({}), schema),
  /**
   * Runs one statement and writes its rows to a result file. Items are progress, of which the latest is enough. When a
   * session port comes with the request, the first rows (or all) are offered on it as the `rows` stream below.
   */
  execute: stream(
    z.object({
      sql: z.string(),
      resultPath: z.string(),
      rows: rowsWanted,
      /** 64 random bits in hexadecimal that name this execution for an interrupt. */
      stopToken: z
        .string()
        .regex(/^[0-9a-f]{16}$/)
        .optional(),
    }),
    queryProgress,
    z.object({
      progress: queryProgress,
      stoppedEarly: z.boolean(),
      /** It was stopped inside the statement. */
      interrupted: z.boolean().optional(),
    }),
  ),
  /**
   * Runs one statement of many on the same connection, so that temporary tables and transactions last from one to the
   * next, until `close`. Its rows come back inline, and nothing is written beside the database.
   */
  'statement.execute': stream(statementRequest, statementRows, statementEnd),
  /** Closes the database and removes what the engine left beside it; the next request opens it again. */
  close: call(z.object({}), z.object({})),
  /** Fills a new file with the sample database; items are its progress from 0 to 1. */
  makeSample: stream(z.object({ path: z.string() }), z.number(), z.object({ rows: z.number().int() })),
} satisfies Contract

/** What the page asks of the host directly, on the port that it sent along with `query.run`. */
export const rowsContract = {
  rows: stream(z.object({}), rowsItem, z.object({ rows: z.number().int().nonnegative() })),
} satisfies Contract
