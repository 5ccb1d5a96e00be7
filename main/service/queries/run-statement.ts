import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { RowsWanted } from '#contract/query-host.ts'
import type { QueryProgress, QuerySpec, Run, RunId } from '#contract/run.ts'
import type { Commits } from '#contract/statement.ts'
import type { Port } from '#kit/port.ts'
import { failureOf } from '#kit/request-failed.ts'
import { measureResult, type KeptResult } from '../results/measure-result.ts'
import { runOnHost, type HostRun } from './run-on-host.ts'
import { OutOfMemory, Stopped } from './until-stopped.ts'

export interface StatementRun extends Pick<HostRun, 'store' | 'lease' | 'id' | 'signal' | 'onTrouble'> {
  /** The connection is a session's own. */
  readonly commits?: Commits
  readonly resultPath: (id: RunId) => string
  readonly spec: QuerySpec
  readonly rows: RowsWanted
  /** The page's port, on which the host serves the rows. */
  readonly rowsPort: Port | undefined
}

/** Takes a queued run of one statement to its final state. Resolves with that once the work has really ended. */
export async function runStatement(run: StatementRun): Promise<Run> {
  const { store, id, spec, rows, rowsPort, commits } = run
  const { database, mode, sql, params, budget } = spec
  const resultPath = run.resultPath(id)
  const port = { isHandedOver: false }
  let kept: KeptResult | undefined
  const rowsKept = (): string => `The ${kept?.rows ?? 0} rows so far are kept.`
  const finished = await runOnHost({
    ...run,
    target: { database, mode },
    timeoutMs: budget?.timeoutMs,
    lostMessage: () =>
      `The process that ran this query ended unexpectedly. ${rowsKept()} An unfinished change was rolled back, and other queries go on. Run it again to have all of it.`,
    async work({ lease, signal, stoppable, ended }) {
      try {
        await mkdir(dirname(resultPath), { recursive: true })
        const limitedBy = await stoppable(async (stopToken) => {
          port.isHandedOver = true
          const statement = lease.client.stream(
            'execute',
            {
              sql,
              resultPath,
              rows,
              stopToken,
              ...(params === undefined ? {} : { params }),
              ...(budget === undefined ? {} : { budget }),
              ...(commits === undefined ? {} : { commits }),
            },
            { signal, passengers: rowsPort ? [rowsPort] : [] },
          )
          for await (const progress of statement) store.progress(id, progress)
          const { progress, stoppedEarly, interrupted, ...end } = await statement.result
          store.progress(id, progress)
          if (stoppedEarly) throw new Stopped(signal.reason, interrupted ? 'interrupted' : 'between-rows')
          return end.limitedBy
        })
        return { kind: 'done', ...ended(), ...(limitedBy === undefined ? {} : { limitedBy }) }
      } catch (error) {
        kept = await measureResult(resultPath)
        if (kept) store.progress(id, progressOf(kept))
        if (error instanceof OutOfMemory) throw new OutOfMemory(error.limitBytes, rowsKept())
        if (error instanceof Stopped) throw error
        const { code } = failureOf(error)
        // A server ends a statement by its own clock, perhaps before ours.
        if (code === 'deadline') throw new Stopped(error, 'interrupted')
        if (code === 'cancelled') throw new Stopped(error, 'between-rows')
        throw error
      }
    },
  })
  if (!port.isHandedOver) rowsPort?.close()
  return finished
}

function progressOf({ columns, rows, bytes }: KeptResult): QueryProgress {
  return { columns, rows, bytes, changes: null }
}
