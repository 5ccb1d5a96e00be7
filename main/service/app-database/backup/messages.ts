import type { Failure } from '#contract/failure.ts'
import type { Backup } from './kept-backups.ts'

/** What the thread is started with. */
export interface BackupStart {
  /** Absolute path of the app database. */
  readonly file: string
  /** When it is made, in milliseconds since 1970. */
  readonly at: number
}

/** Thread to service, once. */
export type BackupTold =
  { readonly kind: 'made'; readonly backup: Backup } | { readonly kind: 'failed'; readonly failure: Failure }
