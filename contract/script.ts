import { z } from 'zod'
import { call, stream } from './channel.ts'
import { databaseAddress } from './database.ts'
import { querySpec, run, runId, serverNotice, waitingReason } from './run.ts'
import { openTransaction, statementEnd, statementItem, statementRequest, statementRows } from './statement.ts'
import { poolPlace } from './terms.ts'

/** More statements than that in one script are an import. */
const MAX_STATEMENTS = 1_000_000

const index = z.number().int().nonnegative()
/** A statement's place in the text of a script: first code unit, and the one after the last. */
const span = z.tuple([index, index])

/** What the service answers about statements whose rows come back to their asker and are kept nowhere. */
export const serviceScripts = {
  /**
   * Runs the statements of a text in order on one connection, and ends with the first that fails. Their rows come back
   * inline and are kept nowhere. The request ends when the run does; cancelling it cancels the run, and so does leaving
   * it, for nobody else could read the rows: also while it waits in a pool. A transaction that is open at the end is
   * rolled back, and the run fails.
   */
  'script.run': stream(
    querySpec.extend({ ...poolPlace.shape, statements: z.array(span).min(1).max(MAX_STATEMENTS) }),
    z.discriminatedUnion('kind', [
      /** It waits; again whenever its reasons have changed. */
      z.object({ kind: z.literal('waiting'), run: runId, reasons: z.array(waitingReason) }),
      z.object({ kind: z.literal('rows'), statement: index, rows: statementRows }),
      z.object({ kind: z.literal('notices'), statement: index, notices: z.array(serverNotice) }),
      z.object({ kind: z.literal('ended'), statement: index, end: statementEnd }),
    ]),
    run,
  ),

  /**
   * Opens a connection that lasts as long as this request: cancelling it, or going away, rolls back what is open and
   * closes it. The one item is its id. Fails with `queue-full` when there are too many.
   */
  'session.open': stream(
    z.object({
      database: databaseAddress,
      mode: z.enum(['read-only', 'read-write']),
      /** Makes a missing file. */
      create: z.boolean(),
    }),
    z.object({ session: index }),
    z.object({}),
  ),
  /** Runs a statement in a session; those of one session run in the order in which they were asked for. */
  'session.execute': stream(statementRequest.extend({ session: index }), statementItem, statementEnd),
  /** What is open in a session, after what was asked of it before. */
  'session.state': call(z.object({ session: index }), z.object({ transaction: openTransaction.nullable() })),
}
