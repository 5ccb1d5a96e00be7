import type { CommandSpec, QuerySpec, Run, RunId, RunState, WaitingReason } from '#contract/run.ts'
import type { RunTerms } from '#contract/terms.ts'
import type { TransferSpec } from '#contract/transfer.ts'

/** How a run is to wait, where that is not as usual. */
export interface HowToRun {
  /** Of what stands in a pool; a transfer of a pipe stands in none. */
  readonly terms?: RunTerms
  /** Why it does not start at once, as far as that is known. */
  readonly reasons: WaitingReason[]
  /** The whole environment of its asker, as a vault stores it; Offloop's own when it is not given. */
  readonly environment?: string | undefined
}

/** A command of many. */
export interface IntendedRun {
  readonly spec: CommandSpec
  readonly how: HowToRun
}

/** Where runs live: the one place that changes their state, over the app database. */
export interface RunStore {
  /**
   * Writes the intent to run; resolves with the queued run once that is safely on disk.
   * @throws RequestFailed `disk-full`; there is no such run then.
   */
  create(spec: QuerySpec | CommandSpec | TransferSpec, how?: HowToRun): Promise<Run>
  /**
   * Writes the intents to run of many in one step: they are all on disk afterwards, or none is.
   * @param pause lets others have their turn; called between two runs.
   */
  createAll(all: readonly IntendedRun[], pause: () => Promise<void>): Promise<Run[]>
  /**
   * Moves a run to its next state. Watchers are told at once; the promise resolves once it is on disk.
   * @throws Error when the run's present state does not allow it: a final state never changes.
   */
  transition(id: RunId, state: RunState): Promise<Run>
  /**
   * Moves a run to a state that something else would tell of after a crash: the disk has it with the next transition,
   * or a moment later. @throws Error as `transition`, and when the run is over.
   */
  step(id: RunId, state: RunState): void
  /**
   * Begins another attempt of a command: keeps how the last one ended, in `ended`, and queues the run.
   * @param terms those of the run from now on.
   */
  again(id: RunId, ended: RunState, terms: RunTerms, reasons: WaitingReason[]): Promise<Run>
  /** Changes on which terms a queued run waits, and what it is to do. @param spec of its kind; as it is unless given. */
  amend(id: RunId, terms: RunTerms, spec?: CommandSpec): Promise<Run>
  /** Tells watchers why a queued run waits now; the disk needs not know. */
  explain(id: RunId, reasons: WaitingReason[]): void
  /** The attempts that were followed by another, the first one first. */
  attempts(id: RunId): Promise<{ number: number; state: RunState }[]>
  /** The whole environment that a run's asker has given it, as a vault has stored it; undefined when it has Offloop's own. */
  environment(id: RunId): Promise<string | undefined>
  /** Takes a final run out of the history. Its id is not given again. */
  delete(id: RunId): Promise<void>
  /** Notes how far a run has come. Watchers are told; the disk has it with the next transition. */
  progress(id: RunId, progress: Run['progress']): void
  get(id: RunId): Promise<Run | undefined>
  /** A run that is not final, without waiting; undefined for any other. */
  present(id: RunId): Run | undefined
  /** When a run that is not final took its last step, in milliseconds since 1970; undefined for any other. */
  steppedAt(id: RunId): number | undefined
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
  /** The same of a command: of runs of exactly this one. */
  commandDurations(spec: CommandSpec, limit: number): Promise<number[]>
  /** Every run without a final state, oldest first. */
  unfinished(): Promise<Run[]>
  /** Tells of every created or changed run from now on; returns what ends that. */
  watch(listener: (run: Run) => void): () => void
}
