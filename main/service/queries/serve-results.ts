import { engineOf } from '#contract/database.ts'
import { runId, type RunId } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { HostPool } from './host-pool.ts'

const RESULT = 'result:'

/**
 * Lets a finished result be leased like any database: its address names the run, and hosts are told the path.
 * @param resultPath where the result of a run is, without the endings of its files.
 */
export function serveResults(pool: HostPool, resultPath: (id: RunId) => string): HostPool {
  return {
    ...pool,
    async lease({ database, ...request }) {
      return pool.lease({ ...request, database: hostAddress(database, resultPath) })
    },
  }
}

/** @throws RequestFailed `not-found` for the address of a result that names no run: a path, for example. */
function hostAddress(address: string, resultPath: (id: RunId) => string): string {
  if (engineOf(address) !== 'result') return address
  const id = runId.safeParse(Number(address.slice(RESULT.length)))
  if (!id.success) {
    throw failed(
      'not-found',
      `"${address}" is not the result of a run. It is named by its run's number: result:12.`,
    )
  }
  return RESULT + resultPath(id.data)
}
