import { computed, effectScope, onScopeDispose, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { QuerySpec, RunId } from '#contract/run.ts'
import { isStopping, isWorking } from '../../rows/query-activity.ts'
import { useQueryRun, type QueryRunUse, type StartOptions } from '../../rows/use-query-run.ts'

/** More results than that are not kept in a tab; those that went first are in the history. */
const MAX_KEPT = 100

/** A statement that is to be run. */
export interface WantedStatement {
  readonly spec: QuerySpec
  /** Where it begins in the editor. */
  readonly from: number
}

/** A statement that runs or has run, with its result. */
export interface StatementRun extends QueryRunUse {
  /** Unique in its tab. */
  readonly key: number
  /** Its place among those that were run together, from 1. */
  readonly number: number
  readonly sql: string
  /** Where it begins in the editor; undefined for one of an earlier time. */
  readonly from: number | undefined
  dispose(): void
}

/** The statements that a tab ran last, one after the other, each with its result. */
export interface StatementRuns {
  readonly list: Readonly<ShallowRef<readonly StatementRun[]>>
  /** Those of `list`, and before them those of earlier times that were pinned. */
  readonly all: ComputedRef<readonly StatementRun[]>
  /** Keys of those that stay when others are run. */
  readonly pinned: Readonly<ShallowRef<ReadonlySet<number>>>
  /** Pins a result, or lets it go; one of an earlier time is gone then. */
  togglePin(key: number): void
  /** The one whose result is shown. */
  readonly shown: ComputedRef<StatementRun | undefined>
  /** How many there are to run; `list` has fewer while they run, or where it had to be cut. */
  readonly total: Readonly<ShallowRef<number>>
  readonly working: ComputedRef<boolean>
  /** A statement is on its way or runs; not what is asked of its connection after the last one. */
  readonly inStatement: ComputedRef<boolean>
  readonly stopping: ComputedRef<boolean>
  show(key: number): void
  /**
   * Runs statements until one fails or is stopped.
   * @param how on which connection, opened by `needSession` and asked for before each, and on which terms.
   * @param onEnd called after each, when its run has ended.
   * @returns those that were not done, the one that failed first.
   */
  run(
    statements: readonly WantedStatement[],
    how: Pick<StartOptions, 'needSession' | 'terms'>,
    onEnd: (run: StatementRun) => Promise<void>,
  ): Promise<readonly WantedStatement[]>
  /** Stops the one that runs, and those after it. */
  stop(): void
  /** Shows runs of an earlier time, and before them others that were pinned. @param pinnedIds also those of `ids`. */
  restore(ids: readonly RunId[], pinnedIds: readonly RunId[]): void
}

export function useStatementRuns(): StatementRuns {
  const list = shallowRef<readonly StatementRun[]>([])
  const earlier = shallowRef<readonly StatementRun[]>([])
  const pinned = shallowRef<ReadonlySet<number>>(new Set())
  const total = shallowRef(0)
  const shownKey = shallowRef(0)
  /** The person has chosen a result: the others no longer come to the front by themselves. */
  let isChosen = false
  const busy = shallowRef(false)
  const stopped = shallowRef(false)
  const over = shallowRef(false)
  let nextKey = 1

  const all = computed(() => [...earlier.value, ...list.value])
  const shown = computed(() => all.value.find(({ key }) => key === shownKey.value))
  const current = computed(() => list.value.at(-1))
  const working = computed(() => busy.value || list.value.some(({ activity }) => isWorking(activity.value)))

  function add(sql: string, number: number, from?: number): StatementRun {
    const scope = effectScope(true)
    const use = scope.run(useQueryRun)
    if (!use) throw new Error('The scope of a statement has ended before it began.')
    const run = { ...use, key: nextKey++, number, sql, from, dispose: () => scope.stop() }
    list.value = [...list.value, run]
    cut()
    if (!isChosen) shownKey.value = run.key
    return run
  }

  /** Lets the oldest result go that has no rows, else the oldest. */
  function cut(): void {
    if (list.value.length <= MAX_KEPT) return
    const others = list.value.slice(0, -1)
    const goes =
      others.find(({ rows, key }) => key !== shownKey.value && !isPinned(key) && !rows.value?.count.value) ??
      others.find(({ key }) => !isPinned(key))
    goes?.dispose()
    list.value = list.value.filter((each) => each !== goes)
  }

  const isPinned = (key: number): boolean => pinned.value.has(key)

  function clear(): void {
    for (const each of list.value) if (!isPinned(each.key)) each.dispose()
    earlier.value = all.value.filter(({ key }) => isPinned(key))
    list.value = []
    isChosen = false
  }

  function togglePin(key: number): void {
    const next = new Set(pinned.value)
    if (!next.delete(key)) next.add(key)
    pinned.value = next
    if (next.has(key)) return
    const gone = earlier.value.find((each) => each.key === key)
    if (!gone) return
    earlier.value = earlier.value.filter((each) => each !== gone)
    if (shownKey.value === key) shownKey.value = all.value.at(-1)?.key ?? 0
    gone.dispose()
  }

  const wasStopped = (): boolean => stopped.value

  function stop(): void {
    stopped.value = true
    for (const each of list.value) each.stop()
  }

  onScopeDispose(() => {
    for (const each of all.value) each.dispose()
  })

  return {
    list,
    all,
    pinned,
    togglePin,
    shown,
    total,
    working,
    inStatement: computed(() => working.value && !over.value),
    stopping: computed(() => {
      const activity = current.value?.activity.value
      return working.value && (stopped.value || (activity !== undefined && isStopping(activity)))
    }),
    show(key) {
      isChosen = true
      shownKey.value = key
    },
    async run(statements, how, onEnd) {
      if (working.value) return statements
      clear()
      total.value = statements.length
      busy.value = true
      stopped.value = false
      try {
        for (const [index, { spec, from }] of statements.entries()) {
          const run = add(spec.sql, index + 1, from)
          await run.start(spec, { ...how, onPasswordNeeded: 'tell' })
          over.value = !isDone(run) || wasStopped() || index === statements.length - 1
          await onEnd(run)
          if (!isDone(run)) {
            shownKey.value = run.key
            return statements.slice(index)
          }
          if (wasStopped()) return statements.slice(index + 1)
        }
        return []
      } finally {
        busy.value = false
        stopped.value = false
        over.value = false
      }
    },
    stop,
    restore(ids, pinnedIds) {
      const show = (id: RunId, number: number): void => {
        const run = add('', number)
        if (pinnedIds.includes(id)) togglePin(run.key)
        void run.show(id)
      }
      clear()
      for (const id of pinnedIds) if (!ids.includes(id)) show(id, 1)
      // What is pinned makes room for the latest runs, as it does when they are run.
      clear()
      total.value = ids.length
      for (const [index, id] of ids.entries()) show(id, index + 1)
    },
  }
}

/** Whether a statement has run to its end. */
export function isDone({ activity }: QueryRunUse): boolean {
  return activity.value.kind === 'run' && activity.value.run.state.kind === 'done'
}
