import { isFinal, type RunId } from '#contract/run.ts'
import type { Sessions } from './sessions.ts'

/** So many at a time are asked for: an answer has each of them. */
const ADDED_AT_ONCE = 1_000

/** Makes a pool, unless it is there. @param concurrency how many of its runs may run at once. */
export async function makePool({ service }: Sessions, name: string, concurrency: number): Promise<void> {
  const { pools } = await service.call('pools.list', {})
  if (pools.some((pool) => pool.name === name)) return
  await service.call('pool.add', { name, concurrency, capacity: 0 })
}

/** Adds `true` so many times to a pool. @returns their ids. */
export async function addMany({ service }: Sessions, pool: string, count: number): Promise<RunId[]> {
  const ids: RunId[] = []
  while (ids.length < count) {
    const commands = Array.from({ length: Math.min(ADDED_AT_ONCE, count - ids.length) }, () => trueIn(pool))
    const { runs } = await service.call('batch.run', { commands, onFailure: 'go-on' })
    ids.push(...runs.map(({ id }) => id))
  }
  return ids
}

/** Runs `true` so many times in a pool. @returns milliseconds until all have ended, and how many have ended well. */
export async function runMany(
  sessions: Sessions,
  pool: string,
  count: number,
): Promise<{ tookMs: number; done: number }> {
  const start = performance.now()
  const ids = await addMany(sessions, pool, count)
  const { finished } = await sessions.service.call('runs.wait', { ids, until: 'all' })
  const tookMs = performance.now() - start
  return { tookMs, done: finished.filter(({ state }) => isFinal(state) && state.kind === 'done').length }
}

/** How long each of some additions to a pool takes, until it is acknowledged, in milliseconds. */
export async function timeAdding({ service }: Sessions, pool: string, count: number): Promise<number[]> {
  const took: number[] = []
  for (let added = 0; added < count; added += 1) {
    const start = performance.now()
    await service.call('command.run', trueIn(pool))
    took.push(performance.now() - start)
  }
  return took
}

/** How long each page of the list of runs that have not ended takes, from the newest down, in milliseconds. */
export async function timeQueuePages({ service }: Sessions, limit: number): Promise<number[]> {
  const took: number[] = []
  for (let before: RunId | undefined, more = true; more;) {
    const start = performance.now()
    const page = await service.call('runs.list', { before, limit, unfinished: true })
    took.push(performance.now() - start)
    more = page.more
    before = page.runs.at(-1)?.id
  }
  return took
}

function trueIn(pool: string) {
  const command = { kind: 'program' as const, program: 'true', args: [] }
  return { kind: 'command' as const, command, folder: '/', environment: {}, terms: { pool } }
}
