import type { Failure } from '#contract/failure.ts'
import type { OperationName } from './operations.ts'

/** What the worker is started with. */
export interface WorkerStart {
  /** Absolute path of the database file. */
  readonly file: string
  /** Absolute path of the folder with the numbered migrations. */
  readonly migrations: string
  /** Only reads, beside the worker that writes, so that a long look keeps nobody from writing. */
  readonly readOnly?: boolean
}

/** Client to worker: one operation, or the wish to end. */
export type Asked =
  | {
      readonly kind: 'operation'
      readonly id: number
      readonly name: OperationName
      readonly params: unknown
    }
  | { readonly kind: 'close' }

/** How one operation went. */
export type Answer =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly id: number; readonly ok: false; readonly failure: Failure }

/** Worker to client. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly failure: Failure }
  /** The operations of one transaction, sent after its commit is on disk. */
  | { readonly kind: 'committed'; readonly answers: readonly Answer[] }
  | { readonly kind: 'closed' }
