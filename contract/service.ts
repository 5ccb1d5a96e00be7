import { z } from 'zod'
import { bytes } from './bytes.ts'
import { call, stream, type Contract } from './channel.ts'
import { databaseAddress, databaseEntry, planStep, pragmaInfo, pragmaName, schema } from './database.ts'
import { serviceDesktop } from './desktop.ts'
import { serviceEdits } from './edits.ts'
import { outputPart } from './output-part.ts'
import { serviceOutputDiff } from './output-diff.ts'
import { serviceOutputRead } from './output-read.ts'
import { serviceOutputSearch } from './output-search.ts'
import { servicePipes } from './pipe.ts'
import { serviceRecovery } from './recovery.ts'
import { backupProgress, rowsWanted } from './query-host.ts'
import { columnInfo, commandSpec, querySpec, run, runId } from './run.ts'
import { serviceRunList } from './run-list.ts'
import { serviceSavedQueries } from './saved-query.ts'
import { serviceScheduler } from './scheduler.ts'
import { settings } from './settings.ts'
import { serviceScripts } from './script.ts'
import { commits } from './statement.ts'
import { keptWhere, wholeAppDescription } from './supervision.ts'
import { poolPlace } from './terms.ts'
import { copyFormat, fileTransferSpec, importFormat, importPreview } from './transfer.ts'
import { serviceFanOut } from './template/fan-out.ts'
import { serviceTemplates } from './template/template.ts'
import { serviceTimeline } from './timeline.ts'
import { serviceUsage } from './usage.ts'

/** The most rows that one `result.rows` answers, a few screens of them. */
export const MAX_ROWS_PER_PAGE = 1_000
/** The most lines that one `output.lines` answers. */
export const MAX_LINES_PER_PAGE = 1_000
/** The most bytes of one cell or line that a page of them carries; `cell` and the file itself have the rest. */
export const MAX_PREVIEW_BYTES = 4_096
/** The most rows that one copy to the clipboard takes; a larger selection is an export. */
export const MAX_COPY_ROWS = 100_000
/** The most bytes of text that one copy takes. */
export const MAX_COPY_BYTES = 16 * 1024 * 1024

/** Servers take up to 64 kB; tokens that stand in for passwords have a few. */
const MAX_PASSWORD_LENGTH = 65_536

const index = z.number().int().nonnegative()

/** The sample database and commands of the first start. */
export const sampleState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('making'), fraction: z.number().min(0).max(1) }),
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
])
export type SampleState = z.infer<typeof sampleState>

/** A command kept for running again. `name` is a key of the window's messages for Offloop's own samples. */
export const savedCommand = z.object({ name: z.string(), spec: commandSpec })
export type SavedCommand = z.infer<typeof savedCommand>

export const workspace = z.object({
  databases: z.array(databaseEntry),
  commands: z.array(savedCommand),
  sample: sampleState,
  settings,
})
export type Workspace = z.infer<typeof workspace>

/** A page of a finished or still growing result. */
export const rowsPage = z.object({
  firstRow: index,
  /** In Offloop's columnar form, cells cut to MAX_PREVIEW_BYTES. */
  chunk: bytes,
  /** Cells that were cut: row within the page, column, and their full size in bytes. */
  cut: z.array(z.tuple([index, index, index])),
  /** Rows that the result has by now. */
  rowsSoFar: index,
})
export type RowsPage = z.infer<typeof rowsPage>

export const outputLine = z.object({
  /** Without its line end; ANSI sequences are kept; invalid UTF-8 is replaced. */
  text: z.string(),
  /** Its full size in bytes when only its beginning is here. */
  cutFrom: index.nullable(),
  /** It was not kept, or only its beginning: see `outputGap`. */
  gone: z.enum(['all', 'rest']).optional(),
  /** All of it, or a part, came on standard error; absent where that is not told apart, and where nothing did. */
  errors: z.enum(['all', 'some']).optional(),
  /** Not before and not after which moment its first byte came, in milliseconds since 1970; absent where that is not known. */
  arrived: z.tuple([z.number(), z.number()]).optional(),
})
export type OutputLine = z.infer<typeof outputLine>

export const outputStatus = z.object({
  bytes: index,
  /** Lines begun so far; a last line without an end counts. */
  lines: index,
  /** Bytes that have been looked through for lines, never more than `bytes`. */
  indexedBytes: index,
  /** The command has ended and everything is indexed. */
  complete: z.boolean(),
  /** What of it was not kept: so many bytes, and lines from one to another, from 0, the last one counted. */
  gap: z.object({ bytes: index, fromLine: index, toLine: index }).nullable(),
  /** It has more bytes than its log may have, and where it lies no part of a file can be given up. */
  overLimit: z.boolean(),
})
export type OutputStatus = z.infer<typeof outputStatus>

/** What the service answers to a window, and to the command line. */
export const serviceContract = {
  /** Databases, commands, settings and the state of the sample: now, and again whenever one of them changes. */
  'workspace.watch': stream(z.object({}), workspace, z.object({})),
  ...serviceDesktop,
  ...serviceRecovery,

  /** Checks that a file can be opened as a database and adds it to the workspace. Fails with `database` or `not-found`. */
  'database.open': call(
    z.object({ path: databaseAddress, mode: z.enum(['read-only', 'read-write']) }),
    databaseEntry,
  ),
  /**
   * Keeps the password of a server's user, for all databases there; null forgets it. Answers where it is kept: in the
   * system's keychain; on disk, only obscured, where the system has no keychain that Offloop can use; or in memory until
   * Offloop ends. Fails with `invalid-params` when the address is not a server's.
   */
  'database.savePassword': call(
    z.object({ address: databaseAddress, password: z.string().max(MAX_PASSWORD_LENGTH).nullable() }),
    z.object({ kept: keptWhere }),
  ),
  /** Takes a database off the workspace; the file stays. */
  'database.forget': call(z.object({ path: z.string() }), z.object({})),
  'database.schema': call(z.object({ path: z.string() }), schema),
  /**
   * Counts rows, table by table in the given order, in a process of its own; an item for each. `rows` is null where
   * counting failed, as for a view that does not work.
   */
  'database.counts': stream(
    z.object({ path: z.string(), tables: z.array(z.string()).max(100_000) }),
    z.object({ table: z.string(), rows: index.nullable() }),
    z.object({}),
  ),
  /**
   * How large a database's file is, and the log of changes that are not in it yet; null without one. In bytes. Fails
   * with `not-found`, and with `invalid-params` for a server's.
   */
  'database.files': call(
    z.object({ path: databaseAddress }),
    z.object({ bytes: index, walBytes: index.nullable() }),
  ),
  'database.pragmas': call(
    z.object({ path: z.string(), mode: z.enum(['read-only', 'read-write']) }),
    z.object({ pragmas: z.array(pragmaInfo) }),
  ),
  /** Sets a pragma that the file keeps, with a VACUUM where it needs one. Answers what it is then. */
  'database.setPragma': call(
    z.object({ path: z.string(), name: pragmaName, value: z.string().max(100) }),
    pragmaInfo,
  ),
  /**
   * Copies a database as it is at one moment, while others use it. The file appears under its name when it is whole.
   * Fails with `invalid-params` when there is one already, unless it may be replaced.
   */
  'database.backup': stream(
    z.object({ path: z.string(), to: z.string().min(1), replace: z.boolean() }),
    backupProgress,
    backupProgress,
  ),

  /**
   * Runs a query. Items are the run as it changes: queued, running with its progress, final. The request ends when the
   * run does; cancelling the request cancels the run and is confirmed with how it was stopped, in the final run that
   * `end` carries. A window that goes away leaves the run going. One port may come along; the first rows, or all, are
   * then served on it by the query host itself (see `rowsContract`). In a session it runs on that connection, after what
   * was asked of it before, and leaves transactions and temporary tables there.
   *
   * With terms it waits for its turn in a pool; a window that goes away leaves it waiting, and so does the end of Offloop.
   * Fails as `command.run` does, and with `invalid-params` for terms in a session: there statements have their order.
   */
  'query.run': stream(
    querySpec.extend({
      ...poolPlace.shape,
      rows: rowsWanted,
      session: z.object({ id: index, commits }).optional(),
    }),
    run,
    run,
  ),
  /** The values that a statement asks for, in the order of their numbers; as SQLite reads it unless a database is named. */
  'query.parameters': call(
    z.object({ sql: z.string().max(10_000_000), database: databaseAddress.optional() }),
    z.object({
      parameters: z.array(z.object({ index, name: z.string().nullable(), text: z.string() })),
    }),
  ),
  /** How the engine would run a statement, which is not run: in a session with its temporary tables, after what runs there. */
  'query.explain': call(
    z.object({ database: databaseAddress, sql: z.string().max(10_000_000), session: index.optional() }),
    z.object({ steps: z.array(planStep) }),
  ),
  /**
   * How long a query may take, from how long the same text took on the same database before: the median of at most
   * `basedOn` of its last runs. An estimate and no more; null when it was never run to its end.
   */
  'query.estimate': call(
    z.object({ database: databaseAddress, sql: z.string().max(10_000_000) }),
    z.object({ durationMs: z.number().nonnegative().nullable(), basedOn: index }),
  ),
  'result.describe': call(
    z.object({ id: runId }),
    z.object({ columns: z.array(columnInfo), rows: index, bytes: index, complete: z.boolean() }),
  ),
  /** Rows `from` to `from + count`, fewer at the end. Fails with `not-found` when the result is gone. */
  'result.rows': call(
    z.object({ id: runId, from: index, count: z.number().int().min(1).max(MAX_ROWS_PER_PAGE) }),
    rowsPage,
  ),
  /** One whole cell as text, for the inspector; null for NULL; a blob as hexadecimal. At most MAX_COPY_BYTES. */
  'result.cell': call(
    z.object({ id: runId, row: index, column: index }),
    z.object({
      kind: z.enum(['null', 'integer', 'real', 'text', 'blob']),
      text: z.string(),
      bytes: index,
    }),
  ),
  /** Rows as text for the clipboard. In TSV NULL is empty. Fails with `invalid-params` when it is too much. */
  'result.copy': call(
    z.object({
      id: runId,
      from: index,
      count: z.number().int().min(1).max(MAX_COPY_ROWS),
      columns: z.array(index).min(1),
      format: copyFormat,
    }),
    z.object({ text: z.string() }),
  ),
  /**
   * Removes the rows of a derived run that has ended (see `derivedFrom`), because nobody looks at them any more. Fails
   * with `invalid-params` for any other run.
   */
  'result.discard': call(z.object({ id: runId }), z.object({})),
  /** What the results of all runs take on disk. */
  'results.measure': call(z.object({}), z.object({ results: index, bytes: index })),

  ...serviceEdits,

  ...serviceScheduler,

  ...servicePipes,

  ...serviceTemplates,
  ...serviceFanOut,

  ...serviceSavedQueries,

  /** The part is everything unless it is given; standard error fails with `not-found` where it was not told apart. */
  'output.watch': stream(z.object({ id: runId, part: outputPart.optional() }), outputStatus, outputStatus),
  'output.lines': call(
    z.object({
      id: runId,
      part: outputPart.optional(),
      from: index,
      count: z.number().int().min(1).max(MAX_LINES_PER_PAGE),
      /** Say when each line arrived. */
      times: z.boolean().optional(),
    }),
    z.object({ from: index, lines: z.array(outputLine) }),
  ),
  /** The exact bytes of a stretch of output as text for the clipboard, at most MAX_COPY_BYTES. */
  'output.copy': call(
    z.object({ id: runId, part: outputPart.optional(), from: index, count: z.number().int().min(1) }),
    z.object({ text: z.string() }),
  ),
  ...serviceOutputRead,
  ...serviceOutputSearch,
  ...serviceOutputDiff,

  /**
   * Exports rows to a file, or imports a file into a table. Items are the run as it changes. As with a query the request
   * ends when the run does, cancelling it cancels the run, and a window that goes away leaves the run going. What was
   * written or changed by then is taken back: a file appears under its name, and rows in their table, when all is there.
   * With terms it waits for its turn, as a query does.
   */
  'transfer.run': stream(fileTransferSpec.extend(poolPlace.shape), run, run),
  /**
   * Looks at the beginning of a file that is to be imported: how it is written, its columns with a guess of their types,
   * and its first rows. With a `format` it is read in that way. Fails with `not-found` or `invalid-params`.
   */
  'import.preview': call(
    z.object({ database: databaseAddress, file: z.string().min(1), format: importFormat.optional() }),
    importPreview,
  ),

  ...serviceUsage,
  ...serviceRunList,
  ...serviceTimeline,

  'run.get': call(z.object({ id: runId }), run),
  /** Stops a run. Answered with its final state once its work has really ended. */
  'run.cancel': call(z.object({ id: runId }), run),
  /**
   * Runs from the newest down, `before` an id when given: those that have not ended, or all, without those that only look
   * at a result (`derivedFrom`).
   */
  'runs.list': call(
    z.object({
      before: runId.optional(),
      limit: z.number().int().min(1).max(500),
      unfinished: z.boolean().optional(),
    }),
    z.object({ runs: z.array(run), more: z.boolean() }),
  ),
  /** One run: now, and whenever it changes, conflated when the reader is slow. Ends when the run has ended. */
  'run.watch': stream(z.object({ id: runId }), run, run),
  /** Every run that changes from now on, conflated when the reader is slow: the latest of each is enough. */
  'runs.watch': stream(z.object({}), z.array(run), z.object({})),

  ...serviceScripts,

  'app.describe': call(z.object({}), wholeAppDescription),
  /** Ends Offloop; answered before it does, with the pid of the process that is the last to go. */
  'app.quit': call(z.object({}), z.object({ pid: z.number().int().positive() })),
} satisfies Contract
export type ServiceContract = typeof serviceContract
