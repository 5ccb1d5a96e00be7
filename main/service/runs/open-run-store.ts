import { isFinal, runState, type Run, type RunId, type RunState } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { AppDatabase } from '../app-database/client.ts'
import type { NewRun, RunRow, StoredTransition } from '../app-database/run-operations.ts'
import type { HowToRun, RunStore } from './run-store.ts'
import { newRun, NO_OUTPUT, readRun } from './stored-run.ts'
import { allowed } from './transition.ts'

/** How old the progress on disk may become while a run goes on: what a crash may take back. In milliseconds. */
const PROGRESS_FLUSH_MS = 2_000

/**
 * How long the disk may lack a step that a crash would not lose, as something else tells of it. The end of a short command
 * comes meanwhile, and both are one write. In milliseconds.
 */
const STEP_FLUSH_MS = 50

/** The id that no run reaches, for a list from the newest down. */
const ABOVE_ALL_IDS = Number.MAX_SAFE_INTEGER

/** A run store that can be ended. */
export interface OpenRunStore extends RunStore {
  /** Writes what is not on disk yet and stops the timer; the app database stays open. */
  close(): Promise<void>
}

/** A run that is not final, or whose last step is not on disk yet: memory has the truth about it. */
interface LiveRun {
  run: Run
  /** Number of the next step in its life. */
  next: number
  /** When it took its last step. */
  steppedAt: number
  /** Steps that no commit has confirmed yet, oldest first. */
  unsaved: StoredTransition[]
  /** Whether the disk lacks its latest progress. */
  stale: boolean
  /** Whether it is known to have Offloop's own environment. */
  readonly isPlain?: boolean
}

/**
 * Opens the run store over the app database.
 * @param onTrouble is told of rows that do not fit the contract, which are passed over, and of writes that failed.
 * @param expectRoom is asked before a run is written; what it throws refuses the run.
 */
export async function openRunStore(
  database: AppDatabase,
  onTrouble: (message: string) => void,
  expectRoom: () => Promise<void> = () => Promise.resolve(),
): Promise<OpenRunStore> {
  const live = new Map<RunId, LiveRun>()
  const listeners = new Set<(run: Run) => void>()

  for (const row of await database.ask('run.unfinished')) {
    const run = accept(row)
    if (!run) continue
    const steppedAt = row.stepped_at ?? row.created_at
    live.set(run.id, { run, next: row.transitions, steppedAt, unsaved: [], stale: false })
  }
  const stale = (): LiveRun[] => [...live.values()].filter((entry) => entry.stale)
  const timer = setInterval(() => void flush(stale()), PROGRESS_FLUSH_MS)
  timer.unref()
  /** Whose step waits to be written with the next one, or for its time. */
  const stepped = new Set<LiveRun>()
  let stepTimer: NodeJS.Timeout | undefined

  function accept(row: RunRow): Run | undefined {
    const read = readRun(row)
    if (read.ok) return live.get(read.run.id)?.run ?? read.run
    onTrouble(read.complaint)
    return undefined
  }

  function tell(run: Run): void {
    for (const listener of [...listeners]) listener(run)
  }

  /** Writes a run as it is now, with the steps that are not confirmed yet; those stay noted when it fails. */
  async function save(entry: LiveRun): Promise<void> {
    const { run } = entry
    const transitions = [...entry.unsaved]
    entry.stale = false
    stepped.delete(entry)
    try {
      await database.ask('run.save', {
        id: run.id,
        stateKind: run.state.kind,
        state: JSON.stringify(run.state),
        progress: JSON.stringify(run.progress),
        transitions,
      })
    } catch (error) {
      entry.stale = true
      throw error
    }
    const saved = transitions.at(-1)?.sequence ?? -1
    entry.unsaved = entry.unsaved.filter(({ sequence }) => sequence > saved)
    if (isFinal(entry.run.state) && entry.unsaved.length === 0 && entry.run === run) live.delete(run.id)
  }

  function flush(entries: Iterable<LiveRun>): Promise<unknown> {
    return Promise.all(
      [...entries].map((entry) =>
        save(entry).catch((error: unknown) =>
          onTrouble(`Run ${entry.run.id} could not be written: ${String(error)}`),
        ),
      ),
    )
  }

  function flushSoon(entry: LiveRun): void {
    stepped.add(entry)
    stepTimer ??= setTimeout(() => {
      stepTimer = undefined
      void flush(stepped)
    }, STEP_FLUSH_MS)
  }

  /** Takes a step in memory, and tells of it. @throws Error when the run's present state does not allow it. */
  function stepTo(id: RunId, present: Run | undefined, state: RunState): LiveRun {
    if (!present) throw new Error(`There is no run ${id}.`)
    const entry = live.get(id)
    if (!entry || !allowed(present.state, state))
      throw new Error(`Run ${id} is ${present.state.kind} and cannot become ${state.kind}.`)
    entry.run = withState(present, state)
    entry.steppedAt = Date.now()
    entry.unsaved.push({ sequence: entry.next++, at: entry.steppedAt, state: JSON.stringify(state) })
    tell(entry.run)
    return entry
  }

  async function get(id: RunId): Promise<Run | undefined> {
    const known = live.get(id)
    if (known) return known.run
    const row = await database.ask('run.get', { id })
    if (!row) return undefined
    const read = readRun(row)
    if (read.ok) return read.run
    throw failed('database', `${read.complaint} It cannot be shown; other runs are not affected.`)
  }

  /** Takes up a run that was just written. */
  function accepted(run: Run, how: HowToRun | undefined): Run {
    const { id, createdAt } = run
    const isPlain = how?.environment === undefined
    live.set(id, { run, next: 1, steppedAt: createdAt, unsaved: [], stale: false, isPlain })
    tell(run)
    return run
  }

  return {
    get,
    present: (id) => live.get(id)?.run,
    steppedAt: (id) => live.get(id)?.steppedAt,
    async create(spec, how) {
      await expectRoom()
      const createdAt = Date.now()
      const id = await database.ask('run.insert', asRow(createdAt, spec, how))
      return accepted(newRun(id, createdAt, spec, how?.terms, how?.reasons), how)
    },

    async createAll(all, pause) {
      await expectRoom()
      const createdAt = Date.now()
      const runs: NewRun[] = []
      for (const { spec, how } of all) {
        runs.push(asRow(createdAt, spec, how))
        await pause()
      }
      const ids = await database.ask('runs.insert', { runs })
      const created: Run[] = []
      for (const [index, { spec, how }] of all.entries()) {
        created.push(accepted(newRun(ids[index] ?? 0, createdAt, spec, how.terms, how.reasons), how))
        await pause()
      }
      return created
    },

    async transition(id, state) {
      const entry = stepTo(id, live.get(id)?.run ?? (await get(id)), state)
      const { run } = entry
      await save(entry)
      return run
    },

    step(id, state) {
      flushSoon(stepTo(id, live.get(id)?.run, state))
    },

    async again(id, ended, terms, reasons) {
      const known = live.get(id)
      const present = known?.run ?? (await get(id))
      if (present?.kind !== 'command') throw new Error(`There is no command run ${id}.`)
      const sequence = known?.next ?? (await database.ask('run.steps', { id }))
      const state: RunState = { kind: 'queued', reasons }
      const step = { sequence, at: Date.now(), state: JSON.stringify(state) }
      const run: Run = { ...present, state, terms, attempt: present.attempt + 1, progress: NO_OUTPUT }
      // In memory first: whoever asks meanwhile must not see an attempt that is over.
      const unsaved = [...(known?.unsaved ?? []), step]
      const entry: LiveRun = { run, next: sequence + 1, steppedAt: step.at, unsaved, stale: false }
      live.set(id, entry)
      if (known) stepped.delete(known)
      tell(run)
      await database.ask('run.again', {
        id,
        spec: JSON.stringify(run.spec),
        terms: JSON.stringify(terms),
        ended: { number: present.attempt, state: JSON.stringify(ended) },
        state: step.state,
        progress: JSON.stringify(NO_OUTPUT),
        transitions: unsaved,
      })
      entry.unsaved = entry.unsaved.filter((one) => one.sequence > sequence)
      return run
    },

    async amend(id, terms, spec) {
      const entry = live.get(id)
      if (entry?.run.state.kind !== 'queued')
        throw new Error(`Run ${id} does not wait, so it cannot be changed.`)
      const { run } = entry
      entry.run = run.kind === 'command' ? { ...run, spec: spec ?? run.spec, terms } : { ...run, terms }
      tell(entry.run)
      const stored = { spec: JSON.stringify(entry.run.spec), terms: JSON.stringify(terms) }
      await database.ask('run.amend', { id, ...stored })
      return entry.run
    },

    explain(id, reasons) {
      const entry = live.get(id)
      if (entry?.run.state.kind !== 'queued') return
      entry.run = withState(entry.run, { kind: 'queued', reasons })
      tell(entry.run)
    },

    async attempts(id) {
      const rows = await database.ask('run.attempts', { id })
      return rows.map(({ number, state }) => ({ number, state: runState.parse(JSON.parse(state)) }))
    },

    async environment(id) {
      return live.get(id)?.isPlain ? undefined : database.ask('run.environment', { id })
    },

    async delete(id) {
      if (live.has(id))
        throw failed('invalid-params', `Run ${id} has not ended, so it cannot be deleted. Stop it first.`)
      await database.ask('run.delete', { id })
    },

    progress(id, progress) {
      const entry = live.get(id)
      if (!entry || isFinal(entry.run.state)) return
      // The caller's type ties the progress to the run's kind.
      entry.run = { ...entry.run, progress } as Run
      entry.stale = true
      tell(entry.run)
    },

    async list({ before, limit }) {
      const { rows, more } = await database.ask('run.list', { before: before ?? ABOVE_ALL_IDS, limit })
      return { runs: rows.flatMap((row) => accept(row) ?? []), more }
    },

    durations: (query) => database.ask('run.durations', query),
    commandDurations: (spec, limit) =>
      database.ask('run.commandDurations', { spec: JSON.stringify(spec), limit }),

    async unfinished() {
      const runs = [...live.values()].map(({ run }) => run)
      return runs.filter(({ state }) => !isFinal(state)).sort((a, b) => a.id - b.id)
    },

    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async close() {
      clearInterval(timer)
      clearTimeout(stepTimer)
      await flush(new Set([...stale(), ...stepped]))
    },
  }
}

function asRow(createdAt: number, spec: Parameters<RunStore['create']>[0], how?: HowToRun): NewRun {
  const draft = newRun(0, createdAt, spec, how?.terms, how?.reasons)
  return {
    kind: draft.kind,
    createdAt,
    spec: JSON.stringify(spec),
    stateKind: draft.state.kind,
    state: JSON.stringify(draft.state),
    progress: JSON.stringify(draft.progress),
    terms: how?.terms ? JSON.stringify(how.terms) : null,
    environment: how?.environment ?? null,
  }
}

function withState(run: Run, state: RunState): Run {
  return { ...run, state }
}
