import { Worker } from 'node:worker_threads'
import type { ItemOf, ResultOf } from '#contract/channel.ts'
import type { OutputHit, SearchQuery } from '#contract/output-search.ts'
import { searchPattern } from '#contract/search-pattern.ts'
import type { ServiceContract } from '#contract/service.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { StreamContext } from '#kit/serve.ts'
import { goneLines } from './gap/gone-lines.ts'
import type { SearchStart, SearchTold, SearchUntil } from './search-messages.ts'
import type { Tail } from './tail.ts'

/** Each takes a thread with its memory, and a core while it searches. */
const MOST_SEARCHES = 8
/** Strings that live for one turn of a loop: without a bound they pile up to twice the memory before they are cleared away. */
const YOUNG_GENERATION_MB = 4

type Item = ItemOf<ServiceContract, 'output.search'>
type Result = ResultOf<ServiceContract, 'output.search'>

/** The searches in outputs, each in a thread of its own. */
export interface Searches {
  /**
   * Searches an output until it is complete, and ends at once when the signal is aborted.
   * @throws RequestFailed `queue-full`, `not-found` when the file is damaged, or the signal's reason.
   */
  search(path: string, tail: Tail, query: SearchQuery, context: StreamContext<Item>): Promise<Result>
}

/** @throws RequestFailed `invalid-params` with what is wrong with a regular expression. */
export function checkPattern(query: SearchQuery): void {
  try {
    searchPattern(query)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw failed(
      'invalid-params',
      `"${query.text}" cannot be searched for: ${why}. Correct it and search again.`,
    )
  }
}

function gapFor({ gap, counts }: Tail): SearchUntil['gap'] {
  // What is not counted yet is searched later.
  if (!gap || counts.bytes < gap.to) return undefined
  return { from: gap.from, to: gap.to, newlinesBefore: goneLines(counts, gap).last }
}

/** @param entry the searching thread's file. */
export function openSearches(entry: URL): Searches {
  let running = 0

  async function search(
    path: string,
    tail: Tail,
    query: SearchQuery,
    { signal, emit }: StreamContext<Item>,
  ): Promise<Result> {
    const start: SearchStart = { path, query, sharedGap: tail.sharedGap }
    const thread = new Worker(entry, {
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    const stopping = new AbortController()
    const leaving = AbortSignal.any([signal, stopping.signal])
    let found: { hits: OutputHit[]; total: number; searchedBytes: number } | undefined
    let soFar: Result = { total: 0, searchedBytes: 0 }
    let over: true | undefined
    let trouble: { readonly error: unknown } | undefined
    let wake = (): void => undefined
    const fail = (error: unknown): void => {
      trouble ??= { error }
      wake()
    }

    thread.on('message', (told: SearchTold) => {
      switch (told.kind) {
        case 'found': {
          const { hits, total, searchedBytes } = told
          soFar = { total, searchedBytes }
          found = { hits: [...(found?.hits ?? []), ...hits], ...soFar }
          return wake()
        }
        case 'done':
          over = true
          return wake()
        case 'failed':
          return fail(new RequestFailed(told.failure))
        default:
          told satisfies never
      }
    })
    thread.on('error', fail)
    thread.on('exit', () => {
      if (!over) fail(failed('internal', `The search in "${path}" ended by itself. Search again.`))
    })
    const onAbort = (): void => fail(signal.reason)
    signal.addEventListener('abort', onAbort)

    const feed = async (): Promise<void> => {
      for (;;) {
        const { bytes, complete } = tail.status
        thread.postMessage({ bytes, last: complete, gap: gapFor(tail) } satisfies SearchUntil)
        if (complete) return
        await tail.changed(leaving)
        if (leaving.aborted) return
      }
    }
    feed().catch(fail)
    const stopLooking = tail.look()

    try {
      signal.throwIfAborted()
      for (;;) {
        while (!trouble && !found && !over) await new Promise<void>((resolve) => (wake = resolve))
        if (trouble) throw trouble.error
        if (!found) return soFar
        const item = { ...found, bytes: tail.status.bytes }
        found = undefined
        await emit(item)
      }
    } finally {
      stopLooking()
      signal.removeEventListener('abort', onAbort)
      stopping.abort()
      thread.removeAllListeners()
      await thread.terminate()
    }
  }

  return {
    async search(path, tail, query, context) {
      if (running >= MOST_SEARCHES)
        throw failed(
          'queue-full',
          `${MOST_SEARCHES} searches go on already. Close the search of another output, then search again.`,
        )
      running += 1
      try {
        return await search(path, tail, query, context)
      } finally {
        running -= 1
      }
    },
  }
}
