import { z } from 'zod'
import { bytes } from './bytes.ts'
import { columnInfo, serverNotice } from './run.ts'
import { sqlParams } from './sql-value.ts'

/** Statements that run one after the other on a connection of their own, their rows coming back inline. */

/** Whose connection, in a host that holds several for a server: each lasts from its first request until `close`. */
export const connectionOwner = z.object({ owner: z.number().int().nonnegative().optional() })

/** One statement with its parameters. */
export const statementRequest = z.object({
  sql: z.string().max(10_000_000),
  params: sqlParams.optional(),
})

/** Rows of a statement. */
export const statementRows = z.object({
  /** The columns of its result, with its first rows only. */
  columns: z.array(columnInfo).nullable(),
  /** In Offloop's columnar form (docs/result-format.md). */
  chunk: bytes,
  rows: z.number().int().nonnegative(),
})
export type StatementRows = z.infer<typeof statementRows>

/** What comes from a statement while it runs: rows, and what a server says beside them. */
export const statementItem = z.union([statementRows, z.object({ notices: z.array(serverNotice).min(1) })])
export type StatementItem = z.infer<typeof statementItem>

/** How a statement ended; a small result is here whole, so that it takes one message. */
export const statementEnd = z.object({
  /** Null for a statement that returns no rows. */
  columns: z.array(columnInfo).nullable(),
  /** The last rows of the result, or all of them; null when there are no more. */
  last: statementRows.nullable(),
  /** Rows changed; null for a statement that cannot change any. */
  changes: z.number().int().nonnegative().nullable(),
  /** Whether a transaction is open now. */
  inTransaction: z.boolean(),
  /** From its start to its end, in milliseconds, waiting for the reader of its rows included. */
  ms: z.number().nonnegative(),
})
export type StatementEnd = z.infer<typeof statementEnd>

/** Whether a connection is inside a transaction; a failed one, which only a server has, can only be rolled back. */
export const transactionState = z.enum(['none', 'open', 'failed'])
export type TransactionState = z.infer<typeof transactionState>

/**
 * Who begins transactions on a connection that a session owns: with `auto` each statement is one of its own unless the
 * person begins one; with `manual` the first statement that may change something begins one, which stays open until the
 * person ends it.
 */
export const commits = z.enum(['auto', 'manual'])
export type Commits = z.infer<typeof commits>

/** The transaction that is open on the connection of a session. */
export const openTransaction = z.object({
  /** Milliseconds since 1970, UTC. */
  since: z.number().int(),
  /** Statements in it so far that were runs. */
  statements: z.number().int().nonnegative(),
  failed: z.boolean(),
})
export type OpenTransaction = z.infer<typeof openTransaction>
