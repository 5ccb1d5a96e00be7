import { computed, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import { runText } from '#contract/run-text.ts'
import type { Run } from '#contract/run.ts'
import type { SavedQuery } from '#contract/saved-query.ts'
import { mayCloseTab } from '../../tabs/tab-guards.ts'
import {
  withoutTab,
  withQuery,
  withRunsView,
  withSavedRenamed,
  withTab,
  withTabMoved,
  type Layout,
  type NewTab,
  type QueryTab,
  type RunsView,
  type Tab,
} from './tab.ts'

/** A query that is to be opened. */
export interface WantedQuery {
  readonly database: string | null
  readonly sql: string
  readonly title: string
  /** Run it at once. */
  readonly run: boolean
}

/** The open tabs of the window. */
export interface Tabs {
  /** Those that are made: a tab is, when it is first shown, and then stays until it is closed. */
  readonly made: ComputedRef<readonly Tab[]>
  readonly shown: ComputedRef<Tab | undefined>
  /** The database that one is working with. */
  readonly shownDatabase: () => string | null
  open(tab: NewTab): void
  openQuery(query: WantedQuery): void
  /** Opens a saved query, or shows the tab that it is in. */
  openSaved(query: SavedQuery): void
  /** See `withSavedRenamed`. */
  renameSaved(from: string, to: string | null, what: 'query' | 'folder'): void
  /** Opens the page of a run. @param text what to call it */
  openRun(run: { readonly id: number; readonly kind: Run['kind']; readonly text: string }): void
  openWholeRun(run: Run): void
  show(id: number): void
  /** Shows the tab that lies so many places further. */
  move(places: number): void
  showRuns(view: RunsView): void
  changeQuery(id: number, changes: Partial<Omit<QueryTab, 'kind' | 'id'>>): void
  /** Whether a tab is to run what it begins with. */
  runsAtOnce(id: number): boolean
  /** Closes a tab, unless something in it has to be kept. */
  askToClose(id: number): Promise<void>
  close(id: number): void
}

export function useTabs(layout: ShallowRef<Layout>): Tabs {
  const visited = shallowRef<ReadonlySet<number>>(new Set())
  const toRun = new Set<number>()

  const shown = computed(() => layout.value.tabs.find(({ id }) => id === layout.value.activeTab))

  watch(
    () => layout.value.activeTab,
    (id) => {
      if (id !== null) visited.value = new Set([...visited.value, id])
    },
    { immediate: true },
  )

  function open(tab: NewTab): void {
    layout.value = withTab(layout.value, tab)
  }

  function close(id: number): void {
    layout.value = withoutTab(layout.value, id)
    visited.value = new Set([...visited.value].filter((each) => each !== id))
  }

  const openRun: Tabs['openRun'] = ({ id, kind, text }) =>
    open({ kind: tabKindOf(kind), runId: id, title: text })

  return {
    made: computed(() =>
      layout.value.tabs.filter(({ id }) => visited.value.has(id) || id === layout.value.activeTab),
    ),
    shown,
    shownDatabase: () => (shown.value?.kind === 'query' ? shown.value.database : null),
    open,
    openQuery({ database, sql, title, run }) {
      open({ kind: 'query', database, sql, title })
      if (run && layout.value.activeTab !== null) toRun.add(layout.value.activeTab)
    },
    openSaved: ({ name, sql, database, chart }) =>
      open({ kind: 'query', title: '', sql, database, saved: name, chart }),
    renameSaved: (from, to, what) => (layout.value = withSavedRenamed(layout.value, from, to, what)),
    openRun,
    openWholeRun: ({ id, kind, spec }) => openRun({ id, kind, text: runText(spec) }),
    show: (id) => (layout.value = { ...layout.value, activeTab: id }),
    move: (places) => (layout.value = withTabMoved(layout.value, places)),
    showRuns: (view) => (layout.value = withRunsView(layout.value, view)),
    changeQuery(id, changes) {
      if (changes.runIds) toRun.delete(id)
      layout.value = withQuery(layout.value, id, changes)
    },
    runsAtOnce: (id) => toRun.has(id),
    async askToClose(id) {
      if (await mayCloseTab(id)) close(id)
    },
    close,
  }
}

function tabKindOf(kind: Run['kind']): 'result' | 'run' | 'transfer' {
  switch (kind) {
    case 'query':
      return 'result'
    case 'command':
      return 'run'
    case 'transfer':
      return 'transfer'
    default:
      return kind satisfies never
  }
}
