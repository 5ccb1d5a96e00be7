import { databaseFailure, isEngineError, type Connection } from './database-failure.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

/**
 * Counts the rows of a table or view, which reads all of it.
 * @throws RequestFailed `database`, for example when a view does not work.
 */
export async function countRows(
  connection: Connection,
  table: string,
  signal?: AbortSignal,
): Promise<{ rows: number }> {
  try {
    const count = await retryWhileLocked(
      () => connection.prepare(`SELECT count(*) FROM main."${table.replaceAll('"', '""')}"`).pluck(),
      signal,
    )
    return { rows: Number(await retryWhileLocked(() => count.get(), signal)) }
  } catch (error) {
    throw isEngineError(error) ? databaseFailure(error, connection.name) : error
  }
}
