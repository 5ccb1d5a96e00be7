import type { FieldDef } from 'pg'
import { buildChunks, type ChunkBuilder } from '#contract/chunk/encode.ts'
import type { PostgresAddress } from '#contract/postgres-address.ts'
import type { ColumnInfo } from '#contract/run.ts'
import type { StatementEnd, StatementItem, StatementRows } from '#contract/statement.ts'
import { failed, failureOf } from '#kit/request-failed.ts'
import { nextBatchRows, FIRST_BATCH_ROWS } from './batch-size.ts'
import type { BoundStatement } from './bind-values.ts'
import { changedRows } from './changed-rows.ts'
import { keepNotices } from './keep-notices.ts'
import type { LentConnection } from './lend-connection.ts'
import { openCursor } from './open-cursor.ts'
import { isServerError, SQLSTATE, statementFailure } from './server-failure.ts'
import { stopStatement } from './stop-statement.ts'

/** Rows and notices of a slow statement are sent at least this often. */
const PATIENCE_MS = 100

export interface StreamedStatement {
  readonly lent: LentConnection
  readonly address: PostgresAddress
  readonly statement: BoundStatement
  /** Names of types by their object ids. */
  readonly typeName: (typeId: number) => string | null
  /** Aborting has the server cancel the statement. */
  readonly signal: AbortSignal
  /** Sends rows and notices; waits until the reader has room for them. */
  readonly emit: (item: StatementItem) => Promise<void>
}

export type StreamedEnd = Pick<StatementEnd, 'columns' | 'last' | 'changes'>

/**
 * Runs one statement and sends its rows as they come, but for the last ones, which its end carries.
 * @throws RequestFailed `database` with SQLSTATE and the place in the text as it was written; the signal's reason.
 */
export async function streamStatement(work: StreamedStatement): Promise<StreamedEnd> {
  const { lent, address, statement, signal } = work
  const { connection } = lent
  const stop = stopStatement(lent, signal)
  const rows = sendRows(work)
  const cursor = openCursor(statement.text, statement.values, { onFields: rows.fields, onRow: rows.add })
  connection.client.query(cursor.submittable)
  let settled = false
  try {
    let count = FIRST_BATCH_ROWS
    for (;;) {
      const bytesBefore = connection.bytesRead
      const asked = performance.now()
      const batch = await cursor.read(count)
      if (batch.rows < count) {
        const ended = await rows.end(batch.command, batch.rowCount)
        settled = true
        await lent.settle(true)
        return ended
      }
      await rows.room()
      signal.throwIfAborted()
      count = nextBatchRows({
        rows: count,
        bytes: connection.bytesRead - bytesBefore,
        ms: performance.now() - asked,
        most: undefined,
      })
    }
  } catch (error) {
    // What went wrong may be the reader's end, or a cancel between two batches: the rest of the rows is left then.
    if (!isServerError(error) && connection.alive) await cursor.close()
    await rows.sendNotices()
    const stopped = !connection.alive || (isServerError(error) && error.code === SQLSTATE.queryCanceled)
    if (signal.aborted && (stopped || error === signal.reason)) throw stoppedBy(signal.reason, error)
    throw statementFailure(error, address, statement)
  } finally {
    await stop.settled()
    rows.close()
    // Where even this fails the connection has ended, and its next statement says so.
    if (!settled) await lent.settle(false).catch(() => undefined)
  }
}

/** Why it was stopped, with the server's code where it was the server that did. */
function stoppedBy(reason: unknown, error: unknown): unknown {
  if (!isServerError(error)) return reason
  const { code, message } = failureOf(reason)
  return failed(code, message, { engineCode: error.code })
}

/** Rows and notices on their way from the server to whoever reads them. */
interface SentRows {
  readonly fields: (fields: readonly FieldDef[]) => void
  readonly add: (row: Parameters<ChunkBuilder['append']>[0]) => void
  /** Waits for a slow reader. @throws what went wrong on the way to it. */
  room(): Promise<void>
  /** The last rows, and what the statement was. @throws as `room`. */
  end(command: string | null, rowCount: number | null): Promise<StreamedEnd>
  /** Sends what was said before an error; a reader that is gone misses it. */
  sendNotices(): Promise<void>
  close(): void
}

function sendRows({ lent: { connection }, typeName, emit }: StreamedStatement): SentRows {
  const notices = keepNotices()
  let columns: ColumnInfo[] | null = null
  let builder: ChunkBuilder | undefined
  let begun = false
  let taken = 0
  let broken: Error | undefined
  let waiting = 0
  let sending: Promise<void> = Promise.resolve()
  connection.onNotice = notices.add

  function send(item: StatementItem): void {
    waiting += 1
    sending = sending.then(() => emit(item)).finally(() => (waiting -= 1))
    // Whoever waits for room is told; nobody may be waiting just now.
    sending.catch(() => undefined)
  }
  function take({ rows, finish }: ChunkBuilder): StatementRows {
    const part = { columns: begun ? null : columns, chunk: finish(), rows }
    begun = true
    return part
  }
  /** What goes wrong here is thrown where room is waited for: the driver that calls could do nothing with it. */
  function guarded(work: () => void): void {
    if (broken) return
    try {
      work()
    } catch (error) {
      broken = error instanceof Error ? error : new Error(String(error))
    }
  }
  const ticking = setInterval(() => {
    // What a slow reader has not taken yet is enough.
    if (waiting > 0) return
    const said = notices.take()
    if (said.length > 0) send({ notices: said })
    if (builder && builder.rows > 0) guarded(() => builder && send(take(builder)))
  }, PATIENCE_MS)

  async function room(): Promise<void> {
    if (broken) throw broken
    // The first rows of a statement that takes its time should not wait for the next batch.
    if (builder && builder.rows > 0 && !begun) send(take(builder))
    await sending
  }

  return {
    fields: (fields) =>
      guarded(() => {
        columns = fields.map(({ name, dataTypeID }) => ({ name, declaredType: typeName(dataTypeID) }))
        builder = buildChunks(fields.length)
      }),
    add: (row) =>
      guarded(() => {
        if (!builder) return
        taken += 1
        builder.append(row)
        if (builder.full) send(take(builder))
      }),
    room,
    async end(command, rowCount) {
      const said = notices.takeRest()
      if (said.length > 0) send({ notices: said })
      if (broken) throw broken
      await sending
      const last = builder && builder.rows > 0 ? take(builder) : null
      // As for SQLite: nothing was changed by what returns no rows, such as CREATE TABLE.
      const changes = columns ? changedRows(command, taken) : (changedRows(command, rowCount) ?? 0)
      return { columns, last, changes }
    },
    async sendNotices() {
      const said = notices.takeRest()
      if (said.length > 0) send({ notices: said })
      await sending.catch(() => undefined)
    },
    close() {
      clearInterval(ticking)
      connection.onNotice = () => undefined
    },
  }
}
