import type { Database } from 'better-sqlite3'
import type { Failure } from '#contract/failure.ts'
import type { Answer, Asked } from './messages.ts'
import type { OperationName } from './operations.ts'
import { sqliteFailure } from './sqlite-failure.ts'

type Operation = Extract<Asked, { kind: 'operation' }>

/** What the group needs of its surroundings. */
export interface GroupCommitOptions {
  readonly db: Database
  readonly operations: Readonly<Record<OperationName, (params: never) => unknown>>
  /** Called after each commit with the answers to everything that it made durable. */
  readonly onCommitted: (answers: readonly Answer[]) => void
  /** Told of what took longer than it should, by its name alone: parameters may be secret. */
  readonly onSlow: (name: string, milliseconds: number) => void
}

/** Statements that take longer are worth a line in the log: nothing here should need a tenth of it. Milliseconds. */
export const SLOW_MS = 50

/**
 * Puts operations that come together into one transaction. What comes in one turn of the loop, or while a commit waits
 * for the disk, shares a commit: so a slow disk makes groups larger, and not the line longer. An operation that fails
 * is undone alone; when the commit fails, all of its operations have failed.
 */
export function groupCommit({ db, operations, onCommitted, onSlow }: GroupCommitOptions) {
  const begin = db.prepare(db.readonly ? 'BEGIN' : 'BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const savepoint = db.prepare('SAVEPOINT operation')
  const release = db.prepare('RELEASE operation')
  const undo = db.prepare('ROLLBACK TO operation')
  let waiting: Operation[] = []

  function timed<T>(name: string, work: () => T): T {
    const from = performance.now()
    try {
      return work()
    } finally {
      const milliseconds = performance.now() - from
      // Nobody waits for a look but who has asked for it.
      if (milliseconds > SLOW_MS && !db.readonly) onSlow(name, milliseconds)
    }
  }

  function perform({ id, name, params }: Operation): Answer {
    return { id, ok: true, value: timed(name, () => operations[name](params as never)) }
  }

  /** Performs one so that it is undone alone when it fails. */
  function performApart(operation: Operation): Answer {
    savepoint.run()
    try {
      const answer = perform(operation)
      release.run()
      return answer
    } catch (error) {
      // A full disk may have ended the whole transaction already; the commit then fails, and with it all of them.
      if (db.inTransaction) {
        undo.run()
        release.run()
      }
      return { id: operation.id, ok: false, failure: failureOf(error) }
    }
  }

  /** Hardly any operation fails, so only a group with one that did pays for their being told apart. */
  function performAll(group: readonly Operation[]): Answer[] {
    try {
      return group.map(perform)
    } catch {
      if (db.inTransaction) rollback.run()
      begin.run()
      return group.map(performApart)
    }
  }

  const failureOf = (error: unknown): Failure => sqliteFailure(error, db.name).failure

  function flush(): void {
    const group = waiting
    waiting = []
    if (group.length === 0) return
    try {
      begin.run()
      const answers = performAll(group)
      timed('commit', () => commit.run())
      onCommitted(answers)
    } catch (error) {
      if (db.inTransaction) rollback.run()
      const failure = failureOf(error)
      onCommitted(group.map(({ id }) => ({ id, ok: false, failure })))
    }
  }

  return {
    add(operation: Operation): void {
      waiting.push(operation)
      if (waiting.length === 1) setImmediate(flush)
    },
    flush,
  }
}
