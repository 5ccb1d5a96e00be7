import type { ResultOf } from '#contract/channel.ts'
import type { ServiceContract } from '#contract/service.ts'

export type Direction = 'ascending' | 'descending'

export interface Sort {
  readonly column: number
  readonly direction: Direction
}

/** A value exactly as a cell has it. */
export type ExactValue = Pick<ResultOf<ServiceContract, 'result.cell'>, 'kind' | 'text'>

/** The tests that take a text, which the person types. */
export const typedTests = [
  'contains',
  'lacks',
  'begins',
  'equals',
  'differs',
  'below',
  'at-most',
  'above',
  'at-least',
] as const
export type TypedTest = (typeof typedTests)[number]

/** What a row's value must be like. */
export type FilterTest =
  | { readonly kind: TypedTest; readonly text: string }
  | { readonly kind: 'null' | 'not-null' }
  | { readonly kind: 'is' | 'is-not'; readonly value: ExactValue }

export interface Filter {
  readonly column: number
  readonly test: FilterTest
}

/** How a person looks at a result: which of its rows, and in which order. */
export interface Look {
  /** The first decides; the next ones only among what it finds equal. */
  readonly sorts: readonly Sort[]
  /** A row is shown when it passes all of them. */
  readonly filters: readonly Filter[]
  /** Text that is wanted in any column; empty for none. */
  readonly find: string
}

/** All rows as they came. */
export const PLAIN_LOOK: Look = { sorts: [], filters: [], find: '' }

export function isPlain({ sorts, filters, find }: Look): boolean {
  return sorts.length === 0 && filters.length === 0 && find === ''
}

/**
 * The look after a click on a column's head: up, then down, then not at all.
 * @param beside keeps what it is sorted by already.
 */
export function withNextSort(look: Look, column: number, beside: boolean): Look {
  const present = look.sorts.find((sort) => sort.column === column)
  if (present?.direction === 'descending') return withoutSort(look, column, beside)
  return withSort(look, { column, direction: present ? 'descending' : 'ascending' }, beside)
}

/** Sorted by a column; one that takes part already keeps its place. */
export function withSort(look: Look, sort: Sort, beside: boolean): Look {
  if (!beside) return { ...look, sorts: [sort] }
  const at = look.sorts.findIndex(({ column }) => column === sort.column)
  return { ...look, sorts: at === -1 ? [...look.sorts, sort] : look.sorts.with(at, sort) }
}

export function withoutSort(look: Look, column: number, beside = true): Look {
  return { ...look, sorts: beside ? look.sorts.filter((sort) => sort.column !== column) : [] }
}

/** @param at the filter that it takes the place of. */
export function withFilter(look: Look, filter: Filter, at?: number): Look {
  return { ...look, filters: at === undefined ? [...look.filters, filter] : look.filters.with(at, filter) }
}

export function withoutFilter(look: Look, at: number): Look {
  return { ...look, filters: look.filters.toSpliced(at, 1) }
}
