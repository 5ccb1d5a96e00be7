import type { AppliedEdits, StagedEdits } from '#contract/edits.ts'
import type { EditTrouble } from '#contract/failure.ts'
import type { PostgresAddress } from '#contract/postgres-address.ts'
import { failed } from '#kit/request-failed.ts'
import { conflictFailure, troubleWords, type Conflict } from '../../edits/conflict.ts'
import { join, raw, sql, type Fragment } from '../../edits/fragment.ts'
import type { PlannedEdit } from '../../edits/planned-edit.ts'
import type { ServerConnection } from '../connect.ts'
import { isServerError, serverName, SQLSTATE, statementFailure } from '../server-failure.ts'
import { stopStatement } from '../stop-statement.ts'
import { planOnServer, type ServerEdits } from './plan-edits.ts'
import { serverStyle, serverText } from './server-style.ts'

/** Rows that one question looks at: a server across the world answers in a tenth of a second. */
const LOOKED_AT_TOGETHER = 100
/** Values that one question has: the protocol counts them in 16 bits. */
const MAX_ASKED = 60_000

/** A connection inside a transaction, for edits. */
export interface EditingConnection {
  readonly connection: ServerConnection
  readonly address: PostgresAddress
}

/**
 * Makes all edits in the transaction that is open on the connection, and leaves it open. Every row is looked at, and those
 * that are changed are locked, before the first is changed; each is looked at once more by its own statement.
 * @throws RequestFailed `conflict`, `invalid-params`, `not-found`, `database`, or the signal's reason.
 */
export async function makeOnServer(
  { connection, address }: EditingConnection,
  staged: StagedEdits,
  signal: AbortSignal,
): Promise<AppliedEdits> {
  const stop = stopStatement({ connection }, signal)
  try {
    const planned = await planOnServer(connection.client, staged)
    await findConflicts(connection, staged.table, planned, signal)
    for (const [at, edit] of planned.edits.entries()) {
      signal.throwIfAborted()
      await makeEdit({ connection, address }, edit, at)
    }
    signal.throwIfAborted()
    return {
      changes: planned.edits.length,
      // A server has no rowids, and a row has the key that its columns have.
      lastInsertRowids: planned.edits.flatMap(({ kind }) => (kind === 'insert' ? [null] : [])),
    }
  } catch (error) {
    signal.throwIfAborted()
    throw editFailure(error, address)
  } finally {
    await stop.settled()
  }
}

/**
 * Commits what `makeOnServer` has left open.
 * @throws RequestFailed `database`, after which nothing was changed; `host-lost` when nobody knows whether it was.
 */
export async function commitOnServer({ connection, address }: EditingConnection): Promise<void> {
  try {
    await connection.client.query('COMMIT')
  } catch (error) {
    if (!isServerError(error) || !connection.alive) {
      throw failed(
        'host-lost',
        `The connection to ${serverName(address)} ended while the edits were committed: either all of them were made, or none.`,
      )
    }
    throw failed(
      'database',
      `The edits together break a rule that is checked at their end: ${error.message}. Nothing was changed.`,
      { engineCode: error.code },
    )
  }
}

/** @throws RequestFailed `conflict` that names every row which is no longer as it was read. */
async function findConflicts(
  { client }: ServerConnection,
  name: string,
  { table, edits }: ServerEdits,
  signal: AbortSignal,
): Promise<void> {
  const looks = edits.flatMap((edit, at) => {
    const { isUnchanged, hasKey } = edit
    return isUnchanged && hasKey
      ? [{ at, edit, question: lookAt(table.quoted, edit, at, isUnchanged, hasKey) }]
      : []
  })
  const conflicts: Conflict[] = []
  // A column is asked for four times at most: as part of the key, and in each condition.
  const together = Math.max(1, Math.min(LOOKED_AT_TOGETHER, Math.floor(MAX_ASKED / (4 * table.columns.size))))
  for (let first = 0; first < looks.length; first += together) {
    signal.throwIfAborted()
    const some = looks.slice(first, first + together)
    const { sql: text, params } = serverStyle.bound(
      join(
        some.map(({ question }) => question),
        ' UNION ALL ',
      ),
    )
    const { rows } = await client.query<{ at: number; same: boolean }>(text, params.map(serverText))
    for (const { at, edit } of some) {
      const trouble = troubleIn(rows.filter((row) => row.at === at))
      if (trouble) conflicts.push({ edit: at, trouble, name: edit.name })
    }
  }
  if (conflicts.length > 0) throw conflictFailure(name, conflicts)
}

/** Looks at the row of an edit, whether it is as it was. */
function lookAt(
  table: string,
  { kind }: PlannedEdit,
  at: number,
  isUnchanged: Fragment,
  hasKey: Fragment,
): Fragment {
  // Who may only delete rows may not lock them: the DELETE itself looks once more.
  const lock = kind === 'update' ? ' FOR UPDATE' : ''
  return sql`${raw(`SELECT * FROM (SELECT ${at} AS at, (`)}${isUnchanged}${raw(`) IS TRUE AS same FROM ${table} WHERE `)}${hasKey}${raw(` LIMIT 2${lock}) AS row_${at}`)}`
}

function troubleIn(rows: readonly { readonly same: boolean }[]): EditTrouble | undefined {
  if (rows.length === 0) return 'gone'
  if (rows.length > 1) return 'ambiguous'
  return rows[0]?.same === true ? undefined : 'changed'
}

async function makeEdit(
  { connection, address }: EditingConnection,
  { name, statement }: PlannedEdit,
  at: number,
): Promise<void> {
  const { sql: text, params } = serverStyle.bound(statement)
  let changed: number | null
  try {
    changed = (await connection.client.query(text, params.map(serverText))).rowCount
  } catch (error) {
    if (!isServerError(error) || error.code === SQLSTATE.queryCanceled || isLockTimeout(error.code))
      throw error
    const failure = statementFailure(error, address)
    const message = failure instanceof Error ? failure.message : error.message
    throw failed('database', `Nothing was changed, because ${name} was refused: ${message}`, {
      engineCode: error.code,
      edits: [{ edit: at, trouble: 'refused' }],
    })
  }
  if (changed === 1) return
  const trouble = 'changed-by-edits'
  throw failed(
    'conflict',
    `Nothing was changed, because ${name} could not be made: ${troubleWords(trouble)}. Read the rows again, and apply the edits before it first.`,
    { edits: [{ edit: at, trouble }] },
  )
}

const isLockTimeout = (code: string): boolean => code === SQLSTATE.lockNotAvailable

function editFailure(error: unknown, address: PostgresAddress): unknown {
  if (isServerError(error) && isLockTimeout(error.code)) {
    return failed(
      'database',
      'Rows are locked by another session of the server, which has changed them and not committed yet. Nothing was changed. Apply the edits again when it is done.',
      { engineCode: error.code },
    )
  }
  return statementFailure(error, address)
}
