import { rm } from 'node:fs/promises'
import { resultFiles } from '#contract/chunk/result-file.ts'
import type { ServiceContract } from '#contract/service.ts'
import { isFinal, isLook, type RunId } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { RunStore } from '../runs/run-store.ts'
import { cacheChunks } from './chunk-cache.ts'
import { copyRows } from './copy-rows.ts'
import { openResult, type Result } from './open-result.ts'
import { readCell } from './read-cell.ts'
import { readPage } from './read-page.ts'

/** A few chunks of each of a few tabs. */
const CACHE_BYTES = 16 * 1024 * 1024
/** Results that stay open: more than a person looks at, fewer than the system has file handles for. */
const MAX_OPEN_RESULTS = 16

export type ResultMethods =
  'result.describe' | 'result.rows' | 'result.cell' | 'result.copy' | 'result.discard'

/** Answers what a window asks about the rows of queries. */
export interface Results {
  readonly handlers: Pick<Handlers<ServiceContract>, ResultMethods>
  /** Whether a result is open, or was until a moment ago: one that a person looks at. */
  isOpen(id: RunId): boolean
  /** Closes every file. */
  close(): Promise<void>
}

export interface ResultsOptions {
  readonly store: Pick<RunStore, 'get'>
  /** Where the result of a run is, without the endings of its files. */
  readonly resultPath: (id: RunId) => string
}

interface OpenResult {
  readonly result: Promise<Result | undefined>
  /** Requests that are reading it; it stays open for them. */
  users: number
}

/** Serves results from their files. */
export function serveResults({ store, resultPath }: ResultsOptions): Results {
  const cache = cacheChunks(CACHE_BYTES)
  /** Least recently used first. */
  const open = new Map<RunId, OpenResult>()

  /** Lets `work` read a result, as far as it is on disk by now; undefined when there is none. */
  async function reading<R>(id: RunId, work: (result: Result) => Promise<R>): Promise<R | undefined> {
    const entry = open.get(id) ?? { result: openResult(resultPath(id)), users: 0 }
    open.delete(id)
    open.set(id, entry)
    entry.users += 1
    try {
      const result = await entry.result
      await result?.refresh()
      return result && (await cache.reading(() => work(result)))
    } finally {
      entry.users -= 1
      await closeUnused()
    }
  }

  async function closeUnused(): Promise<void> {
    for (const [id, entry] of open) {
      const result = await entry.result.catch(() => undefined)
      if (entry.users > 0 || (result && open.size <= MAX_OPEN_RESULTS)) continue
      if (open.get(id) !== entry) continue
      open.delete(id)
      await result?.close()
    }
  }

  async function readingOrGone<R>(id: RunId, work: (result: Result) => Promise<R>): Promise<R> {
    const answer = await reading(id, work)
    if (answer === undefined) {
      throw failed(
        'not-found',
        `Run ${id} has no rows: it has not begun, or its result was deleted. Run its query again.`,
      )
    }
    return answer
  }

  return {
    handlers: {
      async 'result.describe'({ id }) {
        const run = await store.get(id)
        if (!run)
          throw failed('not-found', `There is no run ${id}. It may have been deleted from the history.`)
        const complete = isFinal(run.state)
        const described = await reading(id, async ({ columns, rows, bytes, ended }) => ({
          columns: [...columns],
          rows,
          bytes,
          complete: ended || complete,
        }))
        if (described || !complete) return described ?? { columns: [], rows: 0, bytes: 0, complete }
        throw failed('not-found', `The result of run ${id} is gone. Run its query again to have it back.`)
      },
      'result.rows': ({ id, from, count }) =>
        readingOrGone(id, (result) => readPage(result, cache, from, count)),
      'result.cell': ({ id, row, column }) =>
        readingOrGone(id, (result) => readCell(result, cache, row, column)),
      'result.copy': ({ id, ...range }, { signal }) =>
        readingOrGone(id, async (result) => ({ text: await copyRows(result, cache, range, signal) })),
      async 'result.discard'({ id }) {
        const run = await store.get(id)
        if (!run || !isLook(run) || !isFinal(run.state)) {
          throw failed(
            'invalid-params',
            `Run ${id} is not one that only looks at a result and has ended. Its rows are kept as the settings say.`,
          )
        }
        const { rows, index } = resultFiles(resultPath(id))
        await rm(rows, { force: true })
        await rm(index, { force: true })
        const entry = open.get(id)
        // Whoever is still reading it has the files until it is closed with the others.
        if (!entry || entry.users > 0) return {}
        open.delete(id)
        await (await entry.result.catch(() => undefined))?.close()
        return {}
      },
    },
    isOpen: (id) => open.has(id),
    async close() {
      const all = [...open.values()]
      open.clear()
      for (const { result } of all) await (await result.catch(() => undefined))?.close()
    },
  }
}
