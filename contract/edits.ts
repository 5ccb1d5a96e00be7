import { z } from 'zod'
import { call, type Contract } from './channel.ts'
import { databaseAddress } from './database.ts'
import { sqlValue } from './sql-value.ts'
import { connectionOwner } from './statement.ts'
import { stoppable } from './stoppable.ts'

/** More edits than a person stages by hand; thousands more are a statement, or an import. */
const MAX_EDITS = 10_000
const index = z.number().int().nonnegative()

/**
 * A value of a cell: as a parameter's; `{ text }` for text whose bytes are not valid in the database's encoding, these
 * bytes in hexadecimal as `CAST(x AS BLOB)` gives them; and `{ real }` with a word for those that JSON does not have, of which SQLite has no NaN.
 */
export const editValue = z.union([
  sqlValue,
  z.object({ text: z.string().regex(/^([0-9a-fA-F]{2})*$/) }),
  z.object({ real: z.literal(['Infinity', '-Infinity', 'NaN']) }),
])
export type EditValue = z.infer<typeof editValue>

/** Values by the name of their column. */
export const editValues = z.record(z.string(), editValue)
export type EditValues = z.infer<typeof editValues>

/**
 * A change of one row. `key` has the columns of the primary key, or in SQLite `rowid` alone where the table has one; `original` has
 * values as they were read: at least of the changed columns, or for a delete of all that are not generated.
 */
export const edit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('update'), key: editValues, original: editValues, changes: editValues }),
  z.object({ kind: z.literal('insert'), values: editValues }),
  z.object({ kind: z.literal('delete'), key: editValues, original: editValues }),
])
export type Edit = z.infer<typeof edit>

/** Edits of a table, in the order in which they are made. */
const stagedEdits = z.object({ table: z.string().min(1), edits: z.array(edit).min(1).max(MAX_EDITS) })
export type StagedEdits = z.infer<typeof stagedEdits>

/** One statement as it is run; `params` are bound by position. */
export const editStatement = z.object({ sql: z.string(), params: z.array(sqlValue) })
export type EditStatement = z.infer<typeof editStatement>

/** What becomes of one row. */
export const rowDiff = z.object({
  kind: z.enum(['update', 'insert', 'delete']),
  /** Null for a new row. */
  key: editValues.nullable(),
  cells: z.array(
    z.object({
      column: z.string(),
      /** Absent for a new row. */
      before: editValue.optional(),
      /** As it will be stored, after the column's affinity; absent for a row that goes. */
      after: editValue.optional(),
      /** `after` is another value, or of another type, than the one that was asked for. */
      converted: z.boolean(),
    }),
  ),
})
export type RowDiff = z.infer<typeof rowDiff>

export const editPlan = z.object({
  /** One for each edit. */
  diff: z.array(rowDiff),
  /** One for each edit: what is run. */
  statements: z.array(editStatement),
  /** The same as one text with its values in it, for reading; running it does not notice that a row has changed. */
  sql: z.string(),
})
export type EditPlan = z.infer<typeof editPlan>

export const appliedEdits = z.object({
  /** Rows changed; what triggers changed beside them is not counted. */
  changes: index,
  /** One for each insert, in order: in decimal; null for a table without rowids. */
  lastInsertRowids: z.array(z.string().nullable()),
})
export type AppliedEdits = z.infer<typeof appliedEdits>

/** What the service asks of a query host about edits. */
export const hostEdits = {
  /** Fails with `invalid-params`, or `database`. */
  'edits.plan': call(stagedEdits, editPlan),
  /**
   * Makes the edits in a transaction and leaves that open, for `edits.commit`, or for `close`, which rolls it back. Fails
   * with `conflict`, `invalid-params` or `database`, and has then rolled back.
   */
  'edits.make': call(stagedEdits.extend({ ...stoppable.shape, ...connectionOwner.shape }), appliedEdits),
  /** Commits what `edits.make` has left open. Fails with `database`, and has then rolled back. */
  'edits.commit': call(connectionOwner, z.object({})),
} satisfies Contract

const asked = stagedEdits.extend({ database: databaseAddress })

/** What the service answers about edits; see docs/editing.md. */
export const serviceEdits = {
  /** Checks edits against the table, and says what they would do; the rows are not read. Fails as `edits.apply`. */
  'edits.plan': call(asked, editPlan),
  /**
   * Makes the edits, all or none of them, as a run in the history. Fails with `conflict` when a row is no longer as it was
   * read, with `invalid-params` when the edits do not fit the table, and with `database` when the engine refuses one;
   * `details.edits` says which. Cancelling rolls everything back, until the commit has begun.
   */
  'edits.apply': call(asked, appliedEdits.extend({ run: z.number().int().positive() })),
} satisfies Contract
