import type { Commits } from '#contract/statement.ts'
import type { ServerConnection } from './connect.ts'

/** A connection that is ready for one statement. */
export interface LentConnection {
  readonly connection: ServerConnection
  /** It goes on after the statement, with its transaction: what is broken off midway is ended alone. */
  readonly lasts: boolean
  /** Ends what was begun for the statement. @throws what the server says to a commit. */
  settle(succeeded: boolean): Promise<void>
  /** Gives the connection back; call it last, whatever happened. */
  giveBack(): void
}

/** What is known of a statement before it gets a connection. */
export interface StatementPlans {
  readonly sql: string
  /** The server itself ends it after so long where the connection is for this statement alone; never without. */
  readonly timeoutMs?: number | undefined
  /** Who begins transactions on a connection that lasts; without it, nobody but the statements themselves. */
  readonly commits?: Commits | undefined
}

/** Gets a connection ready for a statement. @throws RequestFailed `database`; the signal's reason. */
export type LendConnection = (plans: StatementPlans, signal: AbortSignal) => Promise<LentConnection>
