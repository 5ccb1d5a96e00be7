import type { Failure } from '#contract/failure.ts'
import type { OutputHit, SearchQuery } from '#contract/output-search.ts'

/** What the searching thread is started with. */
export interface SearchStart {
  /** Absolute path of the output. */
  readonly path: string
  readonly query: SearchQuery
  /** First byte and the one after the last of what is not kept, as `Tail.sharedGap`. */
  readonly sharedGap: SharedArrayBuffer
}

/** Said to the thread: how many bytes there are by now, and whether there will be no more. */
export interface SearchUntil {
  readonly bytes: number
  readonly last: boolean
  /** What of it is not kept, and how many newlines were before its end. */
  readonly gap: { readonly from: number; readonly to: number; readonly newlinesBefore: number } | undefined
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
