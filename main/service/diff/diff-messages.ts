import type { ItemOf, ResultOf } from '#contract/channel.ts'
import type { Failure } from '#contract/failure.ts'
import type { DiffIgnore } from '#contract/output-diff.ts'
import type { ServiceContract } from '#contract/service.ts'

/** One of two outputs: the absolute path of its file, and how much of that is compared. */
export interface DiffSide {
  readonly path: string
  readonly bytes: number
}

/** What the comparing thread is started with. */
export interface DiffStart {
  readonly before: DiffSide
  readonly after: DiffSide
  readonly ignore: DiffIgnore
}

/** Said by the thread; after each `found` it waits for a word. */
export type DiffTold =
  | { readonly kind: 'found'; readonly item: ItemOf<ServiceContract, 'output.diff'> }
  | { readonly kind: 'done'; readonly result: ResultOf<ServiceContract, 'output.diff'> }
  | { readonly kind: 'failed'; readonly failure: Failure }
