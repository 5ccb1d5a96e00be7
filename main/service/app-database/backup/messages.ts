import type { Failure } from '#contract/failure.ts'
import type { KeptBackup, Replaced } from '#contract/recovery.ts'
import type { Backup } from './kept-backups.ts'

/** What the thread is started with. */
export type ThreadTask =
  /** Makes a backup. */
  | {
      readonly kind: 'back-up'
      /** Absolute path of the app database. */ readonly file: string
      readonly at: number
    }
  /** Looks into the backups. */
  | { readonly kind: 'describe'; readonly file: string }
  | ({ readonly kind: 'replace' } & Replacement)

/** What takes the place of a damaged app database. */
export interface Replacement {
  /** Absolute path of the app database. */
  readonly file: string
  /** The name of a backup; null for an empty database. */
  readonly backup: string | null
  /** Absolute path of the folder with the numbered migrations. */
  readonly migrations: string
  /** When it is done, in milliseconds since 1970. */
  readonly at: number
}

/** What each task answers. */
export interface TaskResults {
  'back-up': Backup
  describe: KeptBackup[]
  replace: Replaced
}

/** Thread to service, once. */
export type ThreadTold =
  { readonly kind: 'done'; readonly value: unknown } | { readonly kind: 'failed'; readonly failure: Failure }
