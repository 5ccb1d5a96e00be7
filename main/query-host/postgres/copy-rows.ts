import { once } from 'node:events'
import type { Socket } from 'node:net'
import type pg from 'pg'
import { isServerError } from './server-failure.ts'

/** Rows on their way into a table. */
export interface RowsCopy {
  /** Sends lines in COPY's text format; waits for a slow server. @throws what the server says. */
  write(lines: string): Promise<void>
  /** Ends the rows. @throws what the server says to them. */
  end(): Promise<void>
  /** Has the server forget them; resolves when it is ready for the next statement. */
  abandon(): Promise<void>
}

/** What the driver gives to whoever answers for a statement, and keeps to itself. */
interface WireConnection {
  readonly stream: Socket
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
  sendCopyFail(reason: string): void
  once(event: 'readyForQuery' | 'end', listener: () => void): void
}

/**
 * Starts a COPY … FROM STDIN, for which the driver has no method: this answers the messages of the protocol.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY
 */
export function copyRows(client: pg.Client, text: string): RowsCopy {
  const started = Promise.withResolvers<WireConnection>()
  const ended = Promise.withResolvers<undefined>()
  let failure: Error | undefined
  // Whoever waits is told; nobody may be waiting just now.
  started.promise.catch(() => undefined)
  ended.promise.catch(() => undefined)
  const answers = {
    submit: (connection: WireConnection) => connection.query(text),
    handleCopyInResponse: (connection: WireConnection) => started.resolve(connection),
    handleCommandComplete: () => undefined,
    handleError(error: Error, connection: WireConnection) {
      failure ??= error
      started.reject(error)
      const end = (): void => ended.reject(error)
      // A connection that has ended is never ready again.
      if (!isServerError(error) || error.severity !== 'ERROR') return end()
      // The driver itself does not ask any more after an error.
      connection.once('readyForQuery', end)
      connection.once('end', end)
    },
    handleReadyForQuery: () => ended.resolve(undefined),
  }
  client.query(answers as unknown as pg.Submittable)

  /** The server says at once what it does not take, and then ignores the rest. */
  function check(): void {
    if (failure) throw failure
  }

  return {
    async write(lines) {
      const connection = await started.promise
      check()
      if (lines === '') return
      connection.sendCopyFromChunk(Buffer.from(lines))
      const { stream } = connection
      if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), ended.promise])
      check()
    },
    async end() {
      const connection = await started.promise
      if (!failure) connection.endCopyFrom()
      await ended.promise
    },
    async abandon() {
      const connection = await started.promise.catch(() => undefined)
      if (!failure) connection?.sendCopyFail('Offloop takes the rows back.')
      await ended.promise.catch(() => undefined)
    },
  }
}
