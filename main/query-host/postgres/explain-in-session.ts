import type { PlanStep } from '#contract/database.ts'
import type { PostgresAddress } from '#contract/postgres-address.ts'
import { explainOnServer, PREPARED_PLAN } from './explain-on-server.ts'
import { statementFailure } from './server-failure.ts'
import type { ServerSession } from './server-session.ts'
import { stopStatement } from './stop-statement.ts'

const MARK = 'offloop_plan'

/**
 * How the server would run a statement in a session, with its temporary tables and settings. What is open there stays as it
 * is, also where the statement has an error.
 * @throws RequestFailed as `explainOnServer`; the signal's reason.
 */
export async function explainInSession(
  session: ServerSession,
  sql: string,
  address: PostgresAddress,
  signal: AbortSignal,
): Promise<PlanStep[]> {
  const { statement, ask } = explainOnServer(sql)
  const lent = await session.lend({ sql: 'BEGIN READ ONLY' }, signal)
  const { connection } = lent
  const { client } = connection
  const stop = stopStatement(lent, signal)
  const isInside = client.getTransactionStatus() !== 'I'
  try {
    await client.query(isInside ? `SAVEPOINT ${MARK}` : 'BEGIN READ ONLY')
    try {
      return await ask(client)
    } finally {
      if (connection.alive) {
        await client.query(isInside ? `ROLLBACK TO SAVEPOINT ${MARK}; RELEASE SAVEPOINT ${MARK}` : 'ROLLBACK')
        // What is prepared is not undone with the rest.
        const { rowCount } = await client.query('SELECT FROM pg_prepared_statements WHERE name = $1', [
          PREPARED_PLAN,
        ])
        if (rowCount === 1) await client.query(`DEALLOCATE ${PREPARED_PLAN}`)
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    throw statementFailure(error, address, statement)
  } finally {
    await stop.settled()
    lent.giveBack()
  }
}
