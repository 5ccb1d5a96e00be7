import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isFinal, isLook, type RunId } from '#contract/run.ts'
import type { Settings } from '#contract/settings.ts'
import type { RunStore } from '../runs/run-store.ts'

const MS_PER_DAY = 24 * 60 * 60 * 1_000
/** Results grow by the hour and not by the minute; looking takes a few system calls for each. */
const INTERVAL_MS = 60 * 60 * 1_000
/** A sorted or filtered look at a result can be had again at once, and is seldom looked at for longer. */
const LOOK_MAX_AGE_MS = 60 * 60 * 1_000
/** The two files of a result; whatever else lies in the folder is not ours to remove. */
const RESULT_FILE = /^([1-9]\d{0,14})\.(?:rows|index)$/

export interface CollectOptions {
  /** Absolute path of the folder with the results of all runs. */
  readonly folder: string
  readonly store: Pick<RunStore, 'get'>
  /** Whether somebody is reading a result. */
  readonly isOpen: (id: RunId) => boolean
  readonly limits: () => Promise<Settings['results']>
}

interface StoredResult {
  readonly id: RunId
  readonly names: string[]
  bytes: number
  /** When it was last written to, in milliseconds since 1970. */
  writtenAt: number
}

/**
 * Removes the results that are too old, those that look at another after an hour, and the oldest ones while all of
 * them together are too large, as well as files whose run is not in the history. One that is being written or read stays.
 * @returns how many results were removed.
 */
export async function collectResults(options: CollectOptions, signal?: AbortSignal): Promise<number> {
  const { folder, store, isOpen } = options
  const { maxAgeDays, maxBytes } = await options.limits()
  const oldest = Date.now() - maxAgeDays * MS_PER_DAY
  const results = await listResults(folder, signal)
  let total = results.reduce((sum, { bytes }) => sum + bytes, 0)
  let removed = 0
  for (const result of results.sort((a, b) => a.writtenAt - b.writtenAt)) {
    signal?.throwIfAborted()
    const run = await store.get(result.id)
    if (run && (!isFinal(run.state) || isOpen(result.id))) continue
    const oldestOfItsKind = run && isLook(run) ? Date.now() - LOOK_MAX_AGE_MS : oldest
    if (run && result.writtenAt >= oldestOfItsKind && total <= maxBytes) continue
    for (const name of result.names) await rm(join(folder, name), { force: true })
    total -= result.bytes
    removed += 1
  }
  return removed
}

/** Counts the results in a folder, and their bytes. */
export async function measureResults(
  folder: string,
  signal?: AbortSignal,
): Promise<{ results: number; bytes: number }> {
  const results = await listResults(folder, signal)
  return { results: results.length, bytes: results.reduce((sum, { bytes }) => sum + bytes, 0) }
}

async function listResults(folder: string, signal?: AbortSignal): Promise<StoredResult[]> {
  const results = new Map<RunId, StoredResult>()
  for (const name of await readdir(folder)) {
    signal?.throwIfAborted()
    const id = Number(RESULT_FILE.exec(name)?.[1] ?? 0)
    if (id === 0) continue
    // It may be removed with its run at any moment.
    const about = await stat(join(folder, name)).catch(() => undefined)
    if (!about?.isFile()) continue
    const result = results.get(id) ?? { id, names: [], bytes: 0, writtenAt: 0 }
    result.names.push(name)
    result.bytes += about.size
    result.writtenAt = Math.max(result.writtenAt, about.mtimeMs)
    results.set(id, result)
  }
  return [...results.values()]
}

/**
 * Collects now and then every hour.
 * @param onTrouble is told when it did not work; it is tried again after an hour.
 * @returns what ends that, and waits for what is being removed.
 */
export function collectHourly(
  options: CollectOptions & { readonly onTrouble: (message: string, cause: unknown) => void },
): () => Promise<void> {
  const ending = new AbortController()
  const { signal } = ending
  async function collect(): Promise<void> {
    for (;;) {
      try {
        await collectResults(options, signal)
      } catch (error) {
        if (!signal.aborted) options.onTrouble('Old results could not be removed.', error)
      }
      await delay(INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined)
      if (signal.aborted) return
    }
  }
  const collecting = collect()
  return () => {
    ending.abort()
    return collecting
  }
}
