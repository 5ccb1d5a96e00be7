import type { FieldDef } from 'pg'
import Cursor from 'pg-cursor'
import type { RawValue } from '#contract/chunk/encode.ts'
import { isServerError } from './server-failure.ts'
import { valueParser } from './value-parsers.ts'

export interface CursorEvents {
  /** The statement is understood and returns rows of these columns; before the first of them. */
  readonly onFields: (fields: readonly FieldDef[]) => void
  /** A row has arrived. */
  readonly onRow: (row: readonly RawValue[]) => void
}

/** How reading a batch ended. */
export interface Batch {
  readonly rows: number
  /** What the statement was, such as INSERT, and how many rows it is about; once it has ended. */
  readonly command: string | null
  readonly rowCount: number | null
}

/** A statement on the server, whose rows are asked for batch by batch. */
export interface StatementCursor {
  /** Submit it with `client.query`. */
  readonly submittable: Cursor<RawValue[]>
  /**
   * Asks for the next rows; fewer than `count` are the last ones.
   * @throws what the driver or the server says, when the server is ready for the next statement.
   */
  read(count: number): Promise<Batch>
  /** Leaves the rest of its rows; resolves also when the connection ends meanwhile. */
  close(): Promise<void>
}

/** What the driver calls, and keeps to itself. */
interface CursorInside {
  readonly connection: { once(event: 'end' | 'readyForQuery', listener: () => void): void } | null
  state: string
  _cb: ((error: Error) => void) | null
  handleError(error: Error): void
  handleRowDescription(message: { readonly fields: FieldDef[] }): void
  handleCopyInResponse(connection: { sendCopyFail(reason: string): void }): void
  handleCopyData(): void
}

/** Makes a cursor over a statement with its parameters as text. */
export function openCursor(sql: string, values: (string | null)[], events: CursorEvents): StatementCursor {
  const cursor = new Cursor<RawValue[]>(sql, values, {
    rowMode: 'array',
    types: { getTypeParser: valueParser as never },
  })
  const inside = cursor as unknown as CursorInside
  const { handleError, handleRowDescription } = inside
  inside.handleRowDescription = (message) => {
    events.onFields(message.fields)
    handleRowDescription.call(cursor, message)
  }
  // A commit may fail after the last row (a deferred constraint): pg-cursor 2.22 would leave its reader waiting.
  inside.handleError = (error) => {
    const reader = inside._cb
    if (inside.state !== 'done' || reader === null) return handleError.call(cursor, error)
    inside._cb = null
    reader(error)
  }
  // COPY is refused before, but for one inside something else the driver would end the process.
  inside.handleCopyInResponse = (connection) => connection.sendCopyFail('Offloop sends no rows here.')
  inside.handleCopyData = () => undefined
  cursor.on('row', events.onRow)
  return {
    submittable: cursor,
    read: (count) =>
      new Promise((resolve, reject) => {
        const hadFailed = inside.state === 'error'
        cursor.read(count, (error, rows, result) => {
          if (error) {
            const fail = (): void => reject(error)
            if (hadFailed || !isServerError(error) || error.severity !== 'ERROR') return fail()
            // Only then it is known what has become of the transaction.
            inside.connection?.once('readyForQuery', fail)
            inside.connection?.once('end', fail)
            return
          }
          const { command, rowCount } = result as Partial<typeof result>
          resolve({ rows: rows.length, command: command ?? null, rowCount: rowCount ?? null })
        })
      }),
    close: () =>
      new Promise((resolve) => {
        // pg-cursor 2.22 would wait for ever where the connection ends meanwhile.
        inside.connection?.once('end', resolve)
        cursor.close(() => resolve())
      }),
  }
}
