import type { AppliedEdits, StagedEdits } from '#contract/edits.ts'
import { failed } from '#kit/request-failed.ts'
import type { Connections } from '../connections.ts'
import { commitOnServer, makeOnServer, type EditingConnection } from './make-edits.ts'

/** As long as a locked SQLite file is waited for. */
const LOCK_PATIENCE_MS = 5_000
/**
 * Every statement sees what others have committed before it, so that a row that somebody changes meanwhile is found, whatever
 * the role's own settings are.
 */
const PREPARATION = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = ${LOCK_PATIENCE_MS}; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0`

/** Edits that have been made, each on a connection that is kept for their commit. */
export interface HeldEdits {
  /** Makes edits in a transaction that stays open for `commit`. @throws RequestFailed, with nothing changed. */
  make(owner: number, work: HeldWork): Promise<AppliedEdits>
  /** @throws RequestFailed `database`, `host-lost`. */
  commit(owner: number): Promise<void>
  /** Rolls back what one has left open, or everybody. */
  leave(owner?: number): void
}

export interface HeldWork extends Pick<EditingConnection, 'address'> {
  readonly connections: Connections
  readonly staged: StagedEdits
  /** Aborting rolls back. */
  readonly signal: AbortSignal
}

interface Held extends EditingConnection {
  readonly connections: Connections
}

/** Starts without any. */
export function holdEdits(): HeldEdits {
  const held = new Map<number, Held>()

  function leave(owner: number): void {
    const left = held.get(owner)
    held.delete(owner)
    // Who takes it back rolls back what is open on it.
    left?.connections.takeBack(left.connection)
  }

  return {
    async make(owner, { connections, address, staged, signal }) {
      leave(owner)
      const connection = await connections.lend(PREPARATION, signal)
      try {
        const applied = await makeOnServer({ connection, address }, staged, signal)
        held.set(owner, { connection, address, connections })
        return applied
      } catch (error) {
        connections.takeBack(connection)
        throw error
      }
    },
    async commit(owner) {
      const made = held.get(owner)
      if (!made)
        throw failed(
          'host-lost',
          'The connection on which the edits were made has ended. Nothing was changed.',
        )
      try {
        await commitOnServer(made)
      } finally {
        leave(owner)
      }
    },
    leave(owner) {
      if (owner !== undefined) leave(owner)
      else for (const each of [...held.keys()]) leave(each)
    },
  }
}
