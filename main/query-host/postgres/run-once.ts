import type { SqlParams } from '#contract/sql-value.ts'
import type { StatementRows } from '#contract/statement.ts'
import type { OpenServer } from './ask-catalog.ts'
import { bindValues } from './bind-values.ts'
import { lendFromPool } from './lend-from-pool.ts'
import { refuseWhatCannotBeRun } from './refuse-statement.ts'
import { streamStatement, type StreamedEnd, type StreamedStatement } from './stream-statement.ts'

export interface OnceOptions extends Pick<StreamedStatement, 'typeName' | 'signal'> {
  readonly sql: string
  readonly params: SqlParams | undefined
  readonly looksForClient: boolean
  readonly emit: (rows: StatementRows) => Promise<void>
}

/** Runs a statement for its rows alone, on a connection of the pool. @throws RequestFailed `database` */
export async function runOnce(
  { target, connections }: OpenServer,
  { sql, params, looksForClient, typeName, signal, emit }: OnceOptions,
): Promise<StreamedEnd> {
  const { address, mode } = target
  refuseWhatCannotBeRun(sql, mode, false)
  const statement = bindValues(sql, params)
  const lent = await lendFromPool({ connections, mode, looksForClient })({ sql }, signal)
  try {
    return await streamStatement({
      lent,
      address,
      statement,
      typeName,
      signal,
      emit: async (item) => {
        if ('rows' in item) await emit(item)
      },
    })
  } finally {
    lent.giveBack()
  }
}
