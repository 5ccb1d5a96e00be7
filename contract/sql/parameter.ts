/** A parameter of a statement, numbered as its engine numbers it. */
export interface Parameter {
  /** From 1. */
  readonly index: number
  /** Without its prefix; null for `?` and `?3`, and for PostgreSQL's `$1`, which are given by position. */
  readonly name: string | null
  /** As it stands in the text: `?`, `?3`, `:name`, `@name`, `$name` or `$1`. */
  readonly text: string
}
