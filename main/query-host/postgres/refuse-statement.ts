import { splitStatements } from '#contract/sql/split-statements.ts'
import { failed } from '#kit/request-failed.ts'
import { refusal } from '../database-failure.ts'
import type { Mode } from '../open.ts'
import { statementKeyword } from '../statement-keyword.ts'

/**
 * Refuses more than one statement, what would reach past read-only mode, and where connections do not last also what
 * would reach past its own run, for the next one may get another connection.
 * @throws RequestFailed `database`, with the place of a second statement.
 */
export function refuseWhatCannotBeRun(sql: string, mode: Mode, lasts: boolean): void {
  const [first, second] = splitStatements(sql, 'postgres')
  if (!first) throw refusal('There is no statement to run. Write one, for example SELECT 1.')
  if (second) {
    throw failed('database', 'There is more than one statement here. Select the one to run.', {
      position: second.start,
    })
  }
  switch (statementKeyword(sql)) {
    case 'BEGIN':
    case 'START':
    case 'COMMIT':
    case 'END':
    case 'ROLLBACK':
    case 'ABORT':
    case 'SAVEPOINT':
    case 'RELEASE':
      if (lasts) return
      throw refusal(
        'A transaction cannot be kept open from one run to the next, because this tab shares its connections. Give the tab a connection of its own.',
      )
    case 'COPY':
      if (/\b(?:stdin|stdout)\b/i.test(sql)) {
        throw refusal('COPY cannot send or take rows here. Run a SELECT to see rows, or INSERT to add some.')
      }
      // The server counts writing a file of its own, or running a program, as reading.
      if (mode === 'read-only') {
        throw refusal(
          'COPY may write outside of the database, and this one is open read-only. Run a SELECT instead.',
        )
      }
      return
    default:
      return
  }
}
