import type { CommandSpec, QuerySpec, Run, RunId, RunState } from '#contract/run.ts'
import type { TransferSpec } from '#contract/transfer.ts'

/** Where runs live: the one place that changes their state, over the app database. */
export interface RunStore {
  /** Writes the intent to run; resolves with the queued run once that is safely on disk. */
  create(spec: QuerySpec | CommandSpec | TransferSpec): Promise<Run>
  /**
   * Moves a run to its next state. Watchers are told at once; the promise resolves once it is on disk.
   * @throws Error when the run's present state does not allow it: a final state never changes.
   */
  transition(id: RunId, state: RunState): Promise<Run>
  /** Notes how far a run has come. Watchers are told; the disk has it with the next transition. */
  progress(id: RunId, progress: Run['progress']): void
  get(id: RunId): Promise<Run | undefined>
  /** Runs from the newest down, those with an id below `before` when it is given. */
  list(page: {
    readonly before?: RunId | undefined
    readonly limit: number
  }): Promise<{ runs: Run[]; more: boolean }>
  /** How long the last runs of a query that were done took, in milliseconds, the newest first. */
  durations(query: {
    readonly database: string
    readonly sql: string
    readonly limit: number
  }): Promise<number[]>
  /** Every run without a final state, oldest first. */
  unfinished(): Promise<Run[]>
  /** Tells of every created or changed run from now on; returns what ends that. */
  watch(listener: (run: Run) => void): () => void
}
