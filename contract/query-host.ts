import { z } from 'zod'
import { bytes } from './bytes.ts'
import { call, stream, type Contract } from './channel.ts'
import { planStep, pragmaInfo, pragmaName, schema } from './database.ts'
import { hostEdits } from './edits.ts'
import { columnInfo, queryBudget, queryProgress } from './run.ts'
import { sqlParams } from './sql-value.ts'
import {
  commits,
  connectionOwner,
  statementEnd,
  statementItem,
  statementRequest,
  transactionState,
} from './statement.ts'
import { stoppable } from './stoppable.ts'
import { exportFormat, importFormat, importPreview, importWork, transferProgress } from './transfer.ts'

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

/** How far a backup is, in pages of the database. */
export const backupProgress = z.object({
  done: z.number().int().nonnegative(),
  total: z.number().int().nonnegative(),
})
export type BackupProgress = z.infer<typeof backupProgress>

/**
 * What the service asks of a query host: a process that holds one SQLite connection, may block, and may be killed at
 * any moment, and answers one request after the other; or one that holds all connections to a server's database, and
 * answers side by side.
 */
export const queryHostContract = {
  /** Opens the database that every later request is about. Fails with `database` or `not-found`. */
  open: call(
    z.object({
      /** Absolute path of a file, or the address of a server's database. */
      path: z.string(),
      mode: z.enum(['read-only', 'read-write']),
      /** For a server; never part of its address. */
      password: z.string().optional(),
    }),
    z.object({
      /** Empty for another engine. */
      sqliteVersion: z.string(),
      serverVersion: z.string().optional(),
      /**
       * Where interrupts are heard, once, by a Unix socket or a named pipe: the 8 bytes of a `stopToken` stop the
       * request that has it, even inside a statement; it fails with `cancelled` and the engine's code SQLITE_INTERRUPT. Absent where the extension for that is not loaded.
       */
      interruptPath: z.string().optional(),
    }),
  ),
  /** The password for connections that are made from now on. */
  setPassword: call(z.object({ password: z.string().nullable() }), z.object({})),
  /** Reads tables, views and columns. */
  schema: call(z.object({}), schema),
  /**
   * Runs one statement and writes its rows to a result file. Items are progress, of which the latest is enough. When a
   * session port comes with the request, the first rows (or all) are offered on it as the `rows` stream below.
   */
  execute: stream(
    z.object({
      sql: z.string(),
      params: sqlParams.optional(),
      resultPath: z.string(),
      rows: rowsWanted,
      /** The statement is ended, and counts as done, once its result has so many rows or bytes; a server keeps the time. */
      budget: queryBudget.optional(),
      /** The connection is a session's own: it stays as the statement leaves it. */
      commits: commits.optional(),
      ...stoppable.shape,
      ...connectionOwner.shape,
    }),
    queryProgress,
    z.object({
      progress: queryProgress,
      stoppedEarly: z.boolean(),
      /** It was stopped inside the statement. */
      interrupted: z.boolean().optional(),
      /** The part of its budget that was used up while there was more. */
      limitedBy: z.enum(['rows', 'bytes']).optional(),
    }),
  ),
  /** How the engine would run a statement; it is not run. With an owner whose connection lasts, there. */
  explain: call(
    z.object({ sql: z.string(), ...connectionOwner.shape }),
    z.object({ steps: z.array(planStep) }),
  ),
  pragmas: call(z.object({}), z.object({ pragmas: z.array(pragmaInfo) })),
  setPragma: call(z.object({ name: pragmaName, value: z.string(), ...stoppable.shape }), pragmaInfo),
  countRows: call(
    z.object({ table: z.string(), ...stoppable.shape }),
    z.object({ rows: z.number().int().nonnegative() }),
  ),
  /** Copies the database into a file that is not there yet; items are its progress, of which the latest is enough. */
  backup: stream(z.object({ to: z.string() }), backupProgress, backupProgress),
  /**
   * Writes rows to a file that is not there yet: those of a query, or those of a finished result, whose files are at
   * `path` and which has `rows`. Items are progress, of which the latest is enough. Fails with `database`, `disk-full`,
   * or `invalid-params` when the file cannot be written.
   */
  export: stream(
    z.object({
      source: z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('result'), path: z.string(), rows: z.number().int().nonnegative() }),
        z.object({ kind: z.literal('query'), sql: z.string(), params: sqlParams.optional() }),
      ]),
      columns: z.array(z.number().int().nonnegative()).optional(),
      to: z.string(),
      /** `to` is a pipe, and gets a file beside it with the ending `.whole` when all rows are in it. */
      isPipe: z.boolean().optional(),
      format: exportFormat,
      ...stoppable.shape,
    }),
    transferProgress,
    transferProgress,
  ),
  /** Looks at the beginning of a file. Fails with `not-found`, or `invalid-params` when nothing can be made of it. */
  previewImport: call(z.object({ file: z.string(), format: importFormat.optional() }), importPreview),
  /**
   * Adds the rows of a file to a table, all of them or none. Items are progress. Fails with `invalid-params` and the
   * number of the row that cannot be taken, `not-found`, `database` or `disk-full`.
   */
  import: stream(
    importWork.omit({ kind: true, database: true }).extend({
      /** Without them they have the names of the first rows, and values are kept as they are written. */
      columns: importWork.shape.columns.optional(),
      /** `file` is a pipe: its rows are kept when the file `end` beside it says that it was whole. */
      isPipe: z.boolean().optional(),
      ...stoppable.shape,
    }),
    transferProgress,
    transferProgress,
  ),
  /**
   * Runs one statement of many on the same connection, so that temporary tables and transactions last from one to the
   * next, until `close`. Its rows come back inline, and nothing is written beside the database.
   */
  'statement.execute': stream(
    statementRequest.extend({ ...stoppable.shape, ...connectionOwner.shape }),
    statementItem,
    statementEnd,
  ),
  /** What is open on the connection, after statements that leave it as they made it. */
  transaction: call(connectionOwner, z.object({ transaction: transactionState })),
  /** Answers when the connection has ended, by itself or by `close`; only a server's does so without its process. */
  connectionEnd: call(connectionOwner, z.object({})),
  ...hostEdits,
  /**
   * Closes the database and removes what the engine left beside it; the next request opens it again. With an owner, only
   * that one's connection is closed.
   */
  close: call(connectionOwner, z.object({})),
  /** Fills a new file with the sample database; items are its progress from 0 to 1. */
  makeSample: stream(z.object({ path: z.string() }), z.number(), z.object({ rows: z.number().int() })),
} satisfies Contract

/** What the page asks of the host directly, on the port that it sent along with `query.run`. */
export const rowsContract = {
  rows: stream(z.object({}), rowsItem, z.object({ rows: z.number().int().nonnegative() })),
} satisfies Contract
