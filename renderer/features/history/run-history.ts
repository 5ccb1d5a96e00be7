import { shallowRef, type ShallowRef } from 'vue'
import { isLook, type Run, type RunId, type RunState } from '#contract/run.ts'
import { askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { runText } from '#contract/run-text.ts'

/** What a list shows of a run; never its whole text. */
export interface HistoryEntry {
  readonly id: RunId
  readonly kind: Run['kind']
  readonly text: string
  readonly state: RunState
  readonly createdAt: number
}

export type KindFilter = 'all' | Run['kind']

/** Runs asked for at once. */
const PAGE_RUNS = 100

/** The history as far as it was looked through, newest first. */
export interface RunHistory {
  readonly entries: Readonly<ShallowRef<readonly HistoryEntry[]>>
  readonly state: Readonly<ShallowRef<HistoryState>>
  /** Reads the next page, unless one is being read or there is none. */
  readMore(): Promise<void>
  /** Begins anew from the newest. */
  restart(): Promise<void>
  take(runs: readonly Run[]): void
}

export type HistoryState =
  | { readonly kind: 'reading' }
  | { readonly kind: 'more' }
  | { readonly kind: 'complete' }
  | { readonly kind: 'failed'; readonly message: string }

export function makeRunHistory(): RunHistory {
  const entries = shallowRef<readonly HistoryEntry[]>([])
  const state = shallowRef<HistoryState>({ kind: 'more' })
  /** Raised by each restart: the answer to a page asked for before it is not wanted any more. */
  let turn = 0

  async function readMore(): Promise<void> {
    if (state.value.kind === 'reading' || state.value.kind === 'complete') return
    const mine = turn
    const last = entries.value.at(-1)
    state.value = { kind: 'reading' }
    try {
      const before = last ? { before: last.id } : {}
      const { runs, more } = await askService('runs.list', { ...before, limit: PAGE_RUNS })
      if (mine !== turn) return
      entries.value = merged(entries.value, runs.map(entryOf))
      state.value = { kind: more ? 'more' : 'complete' }
    } catch (error) {
      if (mine === turn) state.value = { kind: 'failed', message: messageOf(error) }
    }
  }

  return {
    entries,
    state,
    readMore,
    restart() {
      turn += 1
      entries.value = []
      state.value = { kind: 'more' }
      return readMore()
    },
    take(runs) {
      const oldest = entries.value.at(-1)?.id ?? 0
      // A run older than those that were looked through comes with its page.
      const shown = runs.filter(
        (run) => !isLook(run) && (run.id >= oldest || state.value.kind === 'complete'),
      )
      if (shown.length > 0) entries.value = merged(entries.value, shown.map(entryOf))
    },
  }
}

/** Entries with newer ones put in or in place of them, from the newest down. */
export function merged(
  old: readonly HistoryEntry[],
  fresh: readonly HistoryEntry[],
): readonly HistoryEntry[] {
  const byId = new Map(old.map((entry) => [entry.id, entry]))
  for (const entry of fresh) byId.set(entry.id, entry)
  return [...byId.values()].sort((a, b) => b.id - a.id)
}

/** The entries of a kind whose text has every word of the filter in it. */
export function filtered(
  entries: readonly HistoryEntry[],
  text: string,
  kind: KindFilter,
): readonly HistoryEntry[] {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean)
  if (words.length === 0 && kind === 'all') return entries
  return entries.filter((entry) => {
    if (kind !== 'all' && entry.kind !== kind) return false
    const own = entry.text.toLowerCase()
    return words.every((word) => own.includes(word))
  })
}

function entryOf(run: Run): HistoryEntry {
  const { id, kind, state, createdAt } = run
  return { id, kind, text: runText(run.spec), state, createdAt }
}
