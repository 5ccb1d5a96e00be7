import pg from 'pg'
import { PASSWORD } from '#kit/postgres-server-fixture.ts'

/** What the driver gives to whoever answers for a statement, and keeps to itself. */
interface WireConnection {
  query(text: string): void
}

/**
 * Has a server send all rows of a query by COPY, its quickest way, and throws them away: what `psql` does for
 * `\copy (…) to /dev/null`.
 * @returns milliseconds, with the connecting, and the lines that came.
 */
export async function timeServerCopy(
  address: string,
  sql: string,
): Promise<{ tookMs: number; rows: number }> {
  const start = performance.now()
  const url = new URL(address)
  url.password = PASSWORD
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    const ended = Promise.withResolvers<undefined>()
    let rows = 0
    client.query({
      submit: (connection: WireConnection) => connection.query(`COPY (${sql}) TO STDOUT`),
      // The server sends each row as a message of its own.
      handleCopyData: () => (rows += 1),
      handleCommandComplete: () => undefined,
      handleReadyForQuery: () => ended.resolve(undefined),
      handleError: (error: Error) => ended.reject(error),
    } as unknown as pg.Submittable)
    await ended.promise
    return { tookMs: performance.now() - start, rows }
  } finally {
    await client.end()
  }
}
