import type { PlanStep } from '#contract/database.ts'
import { findParameters } from '#contract/sql/find-parameters.ts'
import { bindable } from './bind-params.ts'
import { databaseFailure, isEngineError, refusal, type Connection } from './database-failure.ts'
import { errorPosition } from './error-position.ts'
import { oneStatementOf } from './one-statement.ts'
import { retryWhileLocked } from './retry-while-locked.ts'
import { statementKeyword } from './statement-keyword.ts'

const EXPLAIN = 'EXPLAIN QUERY PLAN '

interface PlanRow {
  readonly id: number
  readonly parent: number
  readonly detail: string
}

/**
 * Asks the engine how it would run a statement, without running it. Parameters count as NULL.
 * Format of the details: https://www.sqlite.org/eqp.html
 * @throws RequestFailed `database`, with the position in the text as it was given.
 */
export async function explain(
  connection: Connection,
  sql: string,
  signal?: AbortSignal,
): Promise<{ steps: PlanStep[] }> {
  const { text, start } = oneStatementOf(sql)
  if (statementKeyword(text) === 'EXPLAIN') {
    throw refusal('This statement begins with EXPLAIN already. Run it, or leave that word out.')
  }
  const count = findParameters(text).at(-1)?.index ?? 0
  const values = bindable(
    text,
    Array.from({ length: count }, () => null),
  )
  try {
    const plan = await retryWhileLocked(() => connection.prepare<unknown[], PlanRow>(EXPLAIN + text), signal)
    return { steps: plan.all(...values).map(describeStep) }
  } catch (error) {
    if (!isEngineError(error)) throw error
    const position = errorPosition(connection, text, error.message)
    throw databaseFailure(error, connection.name, position === undefined ? undefined : start + position)
  }
}

function describeStep({ id, parent, detail }: PlanRow): PlanStep {
  const scan =
    /^SCAN /.test(detail) && !/^SCAN (?:CONSTANT ROW|\d+ CONSTANT ROWS|\d+-ROW VALUES CLAUSE)/.test(detail)
  const virtual = / VIRTUAL TABLE INDEX /.test(detail)
  const index = / USING (?:COVERING |AUTOMATIC |PARTIAL )*INDEX (.+?)(?: \(.*\))?$/.exec(detail)?.[1]
  return {
    id,
    parent,
    detail,
    // What a virtual table does with what it is told is its own affair.
    scan: scan && !virtual,
    ...(index === undefined || virtual ? {} : { index }),
    covering: / COVERING INDEX /.test(detail),
  }
}
