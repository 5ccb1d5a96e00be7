import { computed, onScopeDispose, shallowRef, type Ref } from 'vue'
import type { OutputHit, SearchQuery } from '#contract/output-search.ts'
import { MAX_LISTED_HITS } from '#contract/search-limits.ts'
import type { OutputPart } from '#contract/output-part.ts'
import type { RunId } from '#contract/run.ts'
import { searchPattern } from '#contract/search-pattern.ts'
import { failureOf } from '#kit/request-failed.ts'
import { service } from '../../ipc/ask.ts'
import type { MarkedPlace } from '../../ui/log/log-source.ts'

/** What is known of a search. */
export interface SearchState {
  readonly query: SearchQuery
  readonly hits: readonly OutputHit[]
  readonly total: number
  /** 1 when everything that was there has been searched; more may come. */
  readonly fraction: number
  /** Which of the hits is looked at, from 0. */
  readonly current: number | undefined
  /** Why it ended before its time. */
  readonly trouble: string | undefined
}

export interface LogSearch {
  readonly state: Readonly<Ref<SearchState | undefined>>
  readonly currentHit: Readonly<Ref<OutputHit | undefined>>
  /** Begins a search; the first hit at or after a line is looked at as soon as it is found. */
  start(query: SearchQuery, fromLine: number): void
  /** Looks at another hit; beyond the last comes the first. */
  step(by: 1 | -1): void
  stop(): void
  /** The places to mark in a line as it is shown. */
  marks(line: number, text: string): readonly MarkedPlace[]
  /** The first hit of a query, or undefined when there is none in what there is now. @throws RequestFailed */
  first(query: SearchQuery): Promise<OutputHit | undefined>
}

/** Searches the output of a run, until it is stopped or the surrounding scope is gone. */
export function useLogSearch(id: RunId, part?: OutputPart): LogSearch {
  const state = shallowRef<SearchState>()
  let running: AbortController | undefined
  let byLine = new Map<number, OutputHit[]>()
  const currentHit = computed(() =>
    state.value?.current === undefined ? undefined : state.value.hits[state.value.current],
  )

  function start(query: SearchQuery, fromLine: number): void {
    running?.abort()
    const controller = (running = new AbortController())
    byLine = new Map()
    state.value = { query, hits: [], total: 0, fraction: 0, current: undefined, trouble: undefined }
    void read(query, fromLine, controller.signal)
  }

  async function read(query: SearchQuery, fromLine: number, signal: AbortSignal): Promise<void> {
    try {
      const client = await service(signal)
      for await (const { hits, total, searchedBytes, bytes } of client.stream(
        'output.search',
        { id, part, query },
        { signal, credit: 1 },
      )) {
        if (signal.aborted || !state.value) return
        for (const hit of hits) byLine.set(hit.line, [...(byLine.get(hit.line) ?? []), hit])
        const all = hits.length > 0 ? [...state.value.hits, ...hits] : state.value.hits
        const fraction = bytes === 0 ? 1 : searchedBytes / bytes
        state.value = {
          ...state.value,
          hits: all,
          total,
          fraction,
          current: state.value.current ?? firstFrom(all, fromLine, fraction >= 1),
        }
      }
    } catch (error) {
      if (!signal.aborted && state.value) state.value = { ...state.value, trouble: failureOf(error).message }
    }
  }

  /** The first hit from a line on; the first of all when there is none there and none can come any more. */
  function firstFrom(hits: readonly OutputHit[], line: number, searched: boolean): number | undefined {
    const found = hits.findIndex((hit) => hit.line >= line)
    if (found >= 0) return found
    return hits.length > 0 && (searched || hits.length === MAX_LISTED_HITS) ? 0 : undefined
  }

  function stop(): void {
    running?.abort()
    state.value = undefined
    byLine = new Map()
  }
  onScopeDispose(stop)

  return {
    state,
    currentHit,
    start,
    step(by) {
      const known = state.value
      if (!known || known.hits.length === 0) return
      const from = known.current ?? (by > 0 ? -1 : 0)
      state.value = { ...known, current: (from + by + known.hits.length) % known.hits.length }
    },
    stop,
    marks(line, text) {
      const known = state.value
      if (!known) return []
      const current = currentHit.value
      const isCurrent = (start: number): boolean => current?.line === line && current.at === start
      if (known.query.regex) {
        // A regular expression is never run in the page: some take for ever. Where a line is shown otherwise than it was
        // searched, as one with carriage returns, its places are others.
        return (byLine.get(line) ?? [])
          .filter(({ at, length, preview, previewAt }) => {
            const found = preview.slice(previewAt, previewAt + length)
            return text.startsWith(found, at)
          })
          .map(({ at, length }) => ({ start: at, length, current: isCurrent(at) }))
      }
      return [...text.matchAll(searchPattern(known.query))].map((match) => ({
        start: match.index,
        length: match[0].length,
        current: isCurrent(match.index),
      }))
    },
    async first(query) {
      const leaving = new AbortController()
      try {
        const client = await service()
        for await (const { hits, searchedBytes, bytes } of client.stream(
          'output.search',
          { id, part, query },
          { signal: leaving.signal, credit: 1 },
        )) {
          const [hit] = hits
          if (hit) return hit
          if (bytes > 0 && searchedBytes >= bytes) return undefined
        }
        return undefined
      } finally {
        leaving.abort()
      }
    },
  }
}
