import { z } from 'zod'
import { keptChart, NO_CHART, type Chart } from '#contract/chart.ts'
import { queryBudget } from '#contract/run.ts'
import { waitingTerms } from '#contract/terms.ts'
import { FOLDER_SEPARATOR } from '#contract/saved-query.ts'

const editorPx = z.number().min(40).max(2_000)

/** How the runs are shown. */
const runsView = z.enum(['table', 'pools', 'timeline', 'schedules'])
export type RunsView = z.infer<typeof runsView>

/** One open tab. What a tab is doing is not part of it: that is the runs' own history. */
export const tab = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('query'),
    id: z.number().int().positive(),
    /** The name of the table it was opened for; empty for one that is only numbered. */
    title: z.string(),
    number: z.number().int().positive(),
    sql: z.string(),
    database: z.string().nullable(),
    /** The latest runs, whose rows are shown again when the tab comes back. */
    runIds: z.array(z.number().int().positive()).default([]),
    /** The runs whose results were pinned: some of the latest ones, and some of earlier times. */
    pinnedRunIds: z.array(z.number().int().positive()).default([]),
    editorPx,
    /** The connection that its statements run on; on its own, transactions are begun by the person or by itself. */
    connection: z.enum(['shared', 'own', 'manual']).default('shared'),
    budget: queryBudget.default({}),
    /** On which terms its queries wait for their turn; null while they begin at once. */
    terms: waitingTerms.nullable().default(null),
    /** The name that its text is kept under; null while it is not. */
    saved: z.string().nullable().default(null),
    /** How its results are drawn. */
    chart: keptChart.default(NO_CHART),
  }),
  z.object({
    kind: z.literal('result'),
    id: z.number().int().positive(),
    runId: z.number().int().positive(),
    title: z.string(),
  }),
  z.object({
    kind: z.literal('run'),
    id: z.number().int().positive(),
    runId: z.number().int().positive(),
    title: z.string(),
  }),
  z.object({
    kind: z.literal('new-command'),
    id: z.number().int().positive(),
    /** The template that is changed in it. */
    template: z.string().optional(),
    /** The query for each of whose rows it is run. */
    rowsOf: z.number().int().positive().optional(),
  }),
  z.object({ kind: z.literal('template'), id: z.number().int().positive(), name: z.string() }),
  z.object({
    kind: z.literal('table'),
    id: z.number().int().positive(),
    database: z.string(),
    table: z.string(),
    /** Where the engine has several. */
    schema: z.string().optional(),
  }),
  z.object({ kind: z.literal('maintenance'), id: z.number().int().positive(), database: z.string() }),
  z.object({
    kind: z.literal('server'),
    id: z.number().int().positive(),
    /** Of the connection that is changed; null for a new one. */
    address: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('transfer'),
    id: z.number().int().positive(),
    runId: z.number().int().positive(),
    title: z.string(),
  }),
  z.object({
    kind: z.literal('import'),
    id: z.number().int().positive(),
    file: z.string().nullable(),
    database: z.string().nullable(),
    table: z.string().nullable(),
  }),
  z.object({
    kind: z.literal('diff'),
    id: z.number().int().positive(),
    /** The runs whose outputs are compared. */
    before: z.number().int().positive(),
    after: z.number().int().positive(),
  }),
  z.object({ kind: z.literal('runs'), id: z.number().int().positive(), view: runsView }),
  z.object({ kind: z.literal('settings'), id: z.number().int().positive() }),
])
export type Tab = z.infer<typeof tab>
export type QueryTab = Extract<Tab, { kind: 'query' }>

export const activity = z.enum(['databases', 'saved', 'runs', 'history'])
export type Activity = z.infer<typeof activity>

/** Everything about the window that is there again when it is opened the next time. */
export const layout = z.object({
  tabs: z.array(tab),
  /** The id of the tab that is shown; null when none is open. */
  activeTab: z.number().int().positive().nullable(),
  activity,
  sideBarOpen: z.boolean(),
  sideBarPx: z.number().min(180).max(640),
})
export type Layout = z.infer<typeof layout>

/** Width of the side bar at first: a table's name and its columns' types fit side by side. */
const SIDE_BAR_PX = 290
/** Height of the editor at first: seven lines. */
const EDITOR_PX = 170

export const firstLayout: Layout = {
  tabs: [],
  activeTab: null,
  activity: 'databases',
  sideBarOpen: true,
  sideBarPx: SIDE_BAR_PX,
}

/** A tab as it is asked for, before it has an id. */
export type NewTab =
  | {
      readonly kind: 'query'
      readonly title: string
      readonly sql: string
      readonly database: string | null
      /** The name that the text is kept under. */
      readonly saved?: string
      /** How its result is drawn at once. */
      readonly chart?: Chart | null
    }
  | { readonly kind: 'result' | 'run' | 'transfer'; readonly runId: number; readonly title: string }
  | {
      readonly kind: 'import'
      readonly file: string | null
      readonly database: string | null
      readonly table: string | null
    }
  | { readonly kind: 'server'; readonly address: string | null }
  | { readonly kind: 'maintenance'; readonly database: string }
  | { readonly kind: 'table'; readonly database: string; readonly table: string; readonly schema?: string }
  | { readonly kind: 'diff'; readonly before: number; readonly after: number }
  | { readonly kind: 'runs'; readonly view: RunsView }
  | { readonly kind: 'new-command'; readonly template?: string; readonly rowsOf?: number }
  | { readonly kind: 'template'; readonly name: string }
  | { readonly kind: 'settings' }

/** Opens a tab after the one that is shown, or shows the one that is already there for the same thing. */
export function withTab(before: Layout, wanted: NewTab): Layout {
  const same = before.tabs.find((each) => isSame(each, wanted))
  if (same) return { ...before, activeTab: same.id }
  const id = Math.max(0, ...before.tabs.map((each) => each.id)) + 1
  const at = before.tabs.findIndex((each) => each.id === before.activeTab) + 1
  const tabs = before.tabs.toSpliced(at, 0, made(wanted, id, before))
  return { ...before, tabs, activeTab: id }
}

/** Closes a tab; its neighbour is shown when it was the one that was shown. */
export function withoutTab(before: Layout, id: number): Layout {
  const at = before.tabs.findIndex((each) => each.id === id)
  if (at === -1) return before
  const tabs = before.tabs.toSpliced(at, 1)
  const neighbour = tabs[Math.min(at, tabs.length - 1)]
  return { ...before, tabs, activeTab: before.activeTab === id ? (neighbour?.id ?? null) : before.activeTab }
}

/** Shows the tab that lies so many places further, going round at the ends. */
export function withTabMoved(before: Layout, places: number): Layout {
  const count = before.tabs.length
  if (count === 0) return before
  const at = before.tabs.findIndex((each) => each.id === before.activeTab)
  const next = before.tabs[(at + places + count) % count]
  return { ...before, activeTab: next?.id ?? null }
}

/** Shows the runs in another way, in a tab of their own. */
export function withRunsView(before: Layout, view: RunsView): Layout {
  const opened = withTab(before, { kind: 'runs', view })
  const tabs = opened.tabs.map((each) => (each.kind === 'runs' ? { ...each, view } : each))
  return { ...opened, tabs }
}

/** Changes a query tab. */
export function withQuery(
  before: Layout,
  id: number,
  changes: Partial<Omit<QueryTab, 'kind' | 'id'>>,
): Layout {
  const tabs = before.tabs.map((each) =>
    each.id === id && each.kind === 'query' ? { ...each, ...changes } : each,
  )
  return { ...before, tabs }
}

/**
 * Follows a saved query, or all of a folder, to another name.
 * @param to null when the query is kept no more: its text is still in the tab.
 */
export function withSavedRenamed(
  before: Layout,
  from: string,
  to: string | null,
  what: 'query' | 'folder',
): Layout {
  const renamed = (name: string): string | null => {
    if (what === 'query') return name === from ? to : name
    return name.startsWith(from + FOLDER_SEPARATOR) && to !== null ? to + name.slice(from.length) : name
  }
  const tabs = before.tabs.map((each) =>
    each.kind === 'query' && each.saved !== null ? { ...each, saved: renamed(each.saved) } : each,
  )
  return { ...before, tabs }
}

function isSame(open: Tab, wanted: NewTab): boolean {
  switch (wanted.kind) {
    case 'query':
      return wanted.saved !== undefined && open.kind === wanted.kind && open.saved === wanted.saved
    case 'import':
      return false
    case 'result':
    case 'run':
    case 'transfer':
      return open.kind === wanted.kind && open.runId === wanted.runId
    case 'table':
      return (
        open.kind === wanted.kind &&
        open.database === wanted.database &&
        open.table === wanted.table &&
        open.schema === wanted.schema
      )
    case 'diff':
      return open.kind === wanted.kind && open.before === wanted.before && open.after === wanted.after
    case 'maintenance':
      return open.kind === wanted.kind && open.database === wanted.database
    case 'server':
      return open.kind === wanted.kind && open.address === wanted.address
    case 'new-command':
      return open.kind === wanted.kind && open.template === wanted.template && open.rowsOf === wanted.rowsOf
    case 'template':
      return open.kind === wanted.kind && open.name === wanted.name
    case 'runs':
    case 'settings':
      return open.kind === wanted.kind
    default:
      return wanted satisfies never
  }
}

function made(wanted: NewTab, id: number, { tabs }: Layout): Tab {
  switch (wanted.kind) {
    case 'query': {
      const numbers = tabs.flatMap((each) =>
        each.kind === 'query' && each.title === '' ? [each.number] : [],
      )
      return {
        ...wanted,
        id,
        number: Math.max(0, ...numbers) + 1,
        runIds: [],
        pinnedRunIds: [],
        editorPx: EDITOR_PX,
        connection: 'shared',
        budget: {},
        terms: null,
        saved: wanted.saved ?? null,
        chart: wanted.chart ? { chart: wanted.chart, shown: true } : NO_CHART,
      }
    }
    case 'result':
    case 'run':
    case 'transfer':
    case 'import':
    case 'server':
    case 'maintenance':
    case 'table':
    case 'diff':
    case 'runs':
    case 'new-command':
    case 'template':
    case 'settings':
      return { ...wanted, id }
    default:
      return wanted satisfies never
  }
}
