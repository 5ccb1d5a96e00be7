import { splitStatements, type StatementText } from '#contract/sql/split-statements.ts'
import { failed } from '#kit/request-failed.ts'
import { refusal } from './database-failure.ts'

/**
 * The one statement of a text, without what is around it.
 * @throws RequestFailed `database` when there is none, or more than one: then with the position of the second.
 */
export function oneStatementOf(sql: string): StatementText {
  const [first, second] = splitStatements(sql)
  if (second !== undefined) throw moreThanOne(second)
  if (first !== undefined) return first
  throw refusal('There is no statement to run. Write one, for example SELECT 1.')
}

/** Says that a text has more statements than one, and where the second begins. */
export function moreThanOne({ start }: StatementText): Error {
  return failed('database', 'There is more than one statement here. Select the one to run.', {
    position: start,
  })
}
