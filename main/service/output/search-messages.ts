import type { Failure } from '#contract/failure.ts'
import type { OutputHit, SearchQuery } from '#contract/output-search.ts'

/** What the searching thread is started with. */
export interface SearchStart {
  /** Absolute path of the output. */
  readonly path: string
  readonly query: SearchQuery
}

/** Said to the thread: how many bytes there are by now, and whether there will be no more. */
export interface SearchUntil {
  readonly bytes: number
  readonly last: boolean
}

/** Said by the thread. */
export type SearchTold =
  | {
      readonly kind: 'found'
      /** Since the last time. */
      readonly hits: readonly OutputHit[]
      readonly total: number
      readonly searchedBytes: number
    }
  /** Everything was searched, and told before this. */
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: Failure }
