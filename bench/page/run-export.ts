import type { ExportWork } from '#contract/transfer.ts'
import type { TransferRun } from '#contract/run.ts'
import { readToEnd } from './read-to-end.ts'
import type { Sessions } from './sessions.ts'

/** An export as CSV, as the window asks for one. */
export interface ExportRequest {
  readonly source: ExportWork['source']
  /** Absolute path of a file that is not there yet. */
  readonly file: string
}

/** What an export wrote and how long it took. */
export interface ExportOutcome {
  readonly state: TransferRun['state']
  readonly rows: number
  readonly bytes: number
  /** From asking until the file was there under its name, in milliseconds. */
  readonly tookMs: number
}

/** Runs an export to its end. */
export async function runExport(
  { service }: Sessions,
  { source, file }: ExportRequest,
): Promise<ExportOutcome> {
  const start = performance.now()
  const final = await readToEnd(
    service.stream('transfer.run', {
      kind: 'transfer',
      transfer: {
        kind: 'export',
        source,
        file,
        replace: false,
        format: { kind: 'csv', header: false, bom: false, nullText: '', quotes: 'needed' },
      },
    }),
  )
  if (final.kind !== 'transfer') throw new Error('The answer to an export is the run of something else.')
  const { state, progress } = final
  return { state, rows: progress.rows, bytes: progress.bytes, tookMs: performance.now() - start }
}
