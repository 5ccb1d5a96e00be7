import { computed, onScopeDispose, shallowRef, triggerRef, watch, type ShallowRef } from 'vue'
import { MAX_RUNS_PER_PAGE, type RunFilter, type RunOrder } from '#contract/run-list.ts'
import { isLook, type Run, type RunId } from '#contract/run.ts'
import { askService } from '../../../ipc/ask.ts'
import { onRunsChanged } from '../../../ipc/live-runs.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { serviceSession } from '../../../ipc/sessions.ts'
import { atMostEvery } from '../../../pacing/at-most-every.ts'
import { perFrame } from '../../../pacing/per-frame.ts'

/** How often a list may be looked up again while runs come and go: a person reads no faster. */
const FIND_EVERY_MS = 1_000
/** Runs that are kept at hand: some screens before and after the one that is shown. */
const KEPT_RUNS = 2_000
/** Lines around the visible ones that are read with them. */
const AROUND = 40

/** A list of runs that may be long: all of their numbers, and the runs that somebody looks at. */
export interface RunRows {
  readonly ids: Readonly<ShallowRef<readonly RunId[]>>
  /** There are more than a list takes. */
  readonly more: Readonly<ShallowRef<boolean>>
  readonly trouble: Readonly<ShallowRef<string | undefined>>
  /** Whether the list was looked up at all. */
  readonly ready: Readonly<ShallowRef<boolean>>
  /** A run as it is now; undefined while it is being read. Changes when read in a rendering. */
  runOf(id: RunId): Run | undefined
  /** Says which lines are on screen, from the first up to, not with, the second. */
  show(first: number, end: number): void
  /** Reads runs, wherever they are in the list. */
  read(ids: readonly RunId[]): Promise<Run[]>
  /** Looks the list up again, as after something was taken out of it. */
  refresh(): void
}

/** Keeps a list up to date until the surrounding scope is gone. */
export function useRunRows(question: () => { filter: RunFilter; order: RunOrder }): RunRows {
  const ids = shallowRef<readonly RunId[]>([])
  const more = shallowRef(false)
  const ready = shallowRef(false)
  const trouble = shallowRef<string>()
  const known = shallowRef(new Map<RunId, Run>())
  const members = computed(() => new Set(ids.value))
  const showChange = perFrame(() => triggerRef(known))
  let shown = { first: 0, end: 0 }
  let turn = 0
  let reading = false

  async function find(): Promise<void> {
    const mine = ++turn
    try {
      const found = await askService('runs.find', question())
      if (mine !== turn) return
      ids.value = Array.from(new Float64Array(found.ids.slice().buffer))
      more.value = found.more
      trouble.value = undefined
      ready.value = true
      void readShown()
    } catch (error) {
      if (mine === turn) trouble.value = messageOf(error)
    }
  }
  const paced = atMostEvery(FIND_EVERY_MS, () => void find())

  async function readShown(): Promise<void> {
    if (reading) return
    reading = true
    try {
      for (let wanted = missing(); wanted.length > 0; wanted = missing()) {
        const { runs } = await askService('runs.page', { ids: wanted })
        for (const run of runs) keep(run)
        if (runs.length < wanted.length) {
          // Somebody has deleted some of them: the next list will not have them.
          paced.request()
          break
        }
        showChange()
      }
      showChange()
    } catch (error) {
      trouble.value = messageOf(error)
    } finally {
      reading = false
    }
  }

  function missing(): RunId[] {
    const near = ids.value.slice(Math.max(0, shown.first - AROUND), shown.end + AROUND)
    return near.filter((id) => !known.value.has(id)).slice(0, MAX_RUNS_PER_PAGE)
  }

  function keep(run: Run): void {
    known.value.delete(run.id)
    known.value.set(run.id, run)
    const [oldest] = known.value.keys()
    if (known.value.size > KEPT_RUNS && oldest !== undefined) known.value.delete(oldest)
  }

  function take(runs: readonly Run[]): void {
    let isStale = false
    for (const run of runs) {
      if (isLook(run)) continue
      const before = known.value.get(run.id)
      if (before) keep(run)
      // What has only come further stands where it stood.
      isStale ||=
        !members.value.has(run.id) || before?.state.kind !== run.state.kind || movedTerms(before, run)
    }
    showChange()
    if (isStale) paced.request()
  }

  watch(question, () => void find())
  watch(
    serviceSession,
    (session) => {
      if (!session) return
      known.value = new Map()
      void find()
    },
    { immediate: true },
  )
  onScopeDispose(onRunsChanged(take))
  onScopeDispose(() => paced.dispose())

  return {
    ids,
    more,
    ready,
    trouble,
    runOf: (id) => known.value.get(id),
    show(first, end) {
      shown = { first, end }
      void readShown()
    },
    async read(wanted) {
      const runs: Run[] = []
      for (let from = 0; from < wanted.length; from += MAX_RUNS_PER_PAGE) {
        const page = await askService('runs.page', { ids: wanted.slice(from, from + MAX_RUNS_PER_PAGE) })
        runs.push(...page.runs)
      }
      return runs
    },
    refresh: () => paced.request(),
  }
}

function movedTerms(before: Run, run: Run): boolean {
  return before.terms?.pool !== run.terms?.pool || before.terms?.priority !== run.terms?.priority
}
