import type { SqlParams } from '#contract/sql-value.ts'
import { bindValues } from './bind-values.ts'
import type { ServerTarget } from './connect.ts'
import { refuseWhatCannotBeRun } from './refuse-statement.ts'
import type { ServerSession } from './server-session.ts'
import { streamStatement, type StreamedEnd, type StreamedStatement } from './stream-statement.ts'

export interface SessionStatement extends Pick<StreamedStatement, 'typeName' | 'emit' | 'signal'> {
  readonly sql: string
  readonly params: SqlParams | undefined
}

/** How a statement of a session ended. */
export interface SessionEnd extends StreamedEnd {
  readonly inTransaction: boolean
  /** Milliseconds from asking to the end. */
  readonly ms: number
}

/** Runs a statement on a connection that lasts, and sends its rows on as they come. @throws RequestFailed `database` */
export async function executeInSession(
  session: ServerSession,
  { address, mode }: ServerTarget,
  { sql, params, signal, typeName, emit }: SessionStatement,
): Promise<SessionEnd> {
  const start = performance.now()
  refuseWhatCannotBeRun(sql, mode, true)
  const statement = bindValues(sql, params, { otherNames: 'ignored' })
  const stopped = AbortSignal.any([signal, session.ending])
  const lent = await session.lend({ sql }, stopped)
  try {
    const ended = await streamStatement({ lent, address, statement, typeName, signal: stopped, emit })
    return { ...ended, inTransaction: session.transaction() !== 'none', ms: performance.now() - start }
  } finally {
    lent.giveBack()
  }
}
