import {
  run,
  type CommandSpec,
  type OutputProgress,
  type QueryProgress,
  type QuerySpec,
  type Run,
  type WaitingReason,
} from '#contract/run.ts'
import { DEFAULT_TERMS, type RunTerms } from '#contract/terms.ts'
import type { TransferProgress, TransferSpec } from '#contract/transfer.ts'
import type { RunRow } from '../app-database/run-operations.ts'

/** What a row of the app database says: a run, or why it is none. */
export type ReadRun =
  { readonly ok: true; readonly run: Run } | { readonly ok: false; readonly complaint: string }

/** Reads a run from its row, whoever may have written that. */
export function readRun(row: RunRow): ReadRun {
  try {
    const parsed = run.safeParse({
      id: row.id,
      kind: row.kind,
      createdAt: row.created_at,
      spec: JSON.parse(row.spec) as unknown,
      state: JSON.parse(row.state) as unknown,
      progress: JSON.parse(row.progress) as unknown,
      terms: row.terms === null ? termsOf(row.kind) : (JSON.parse(row.terms) as unknown),
      attempt: row.attempt,
    })
    if (parsed.success) return { ok: true, run: parsed.data }
    const fields = parsed.error.issues.map(({ path }) => path.join('.'))
    return { ok: false, complaint: `Run ${row.id} is not stored as it should be (${fields.join(', ')}).` }
  } catch {
    return { ok: false, complaint: `Run ${row.id} is not stored as it should be (a field is not JSON).` }
  }
}

/** Of a run without terms of its own: a command that is older than pools, or what stands in none. */
function termsOf(kind: string): RunTerms | undefined {
  return kind === 'command' ? DEFAULT_TERMS : undefined
}

const NO_ROWS: QueryProgress = { columns: null, rows: 0, bytes: 0, changes: null }
/** What a command has written that has not begun. */
export const NO_OUTPUT: OutputProgress = { bytes: 0, lines: null }
const NO_TRANSFER: TransferProgress = { rows: 0, bytes: 0, total: null }

/** A run as it is when it was just asked for. */
export function newRun(
  id: number,
  createdAt: number,
  spec: QuerySpec | CommandSpec | TransferSpec,
  terms?: RunTerms,
  reasons: WaitingReason[] = [{ kind: 'starting' }],
): Run {
  const base = { id, createdAt, state: { kind: 'queued' as const, reasons }, ...(terms && { terms }) }
  switch (spec.kind) {
    case 'query':
      return { ...base, kind: 'query', spec, progress: NO_ROWS }
    case 'command':
      return {
        ...base,
        kind: 'command',
        spec,
        progress: NO_OUTPUT,
        terms: terms ?? DEFAULT_TERMS,
        attempt: 1,
      }
    case 'transfer':
      return { ...base, kind: 'transfer', spec, progress: NO_TRANSFER }
    default:
      return spec satisfies never
  }
}
