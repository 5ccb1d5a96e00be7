import type { RunState } from '#contract/run.ts'
import { MAX_BARS, TIMELINE_STRETCHES, type TimelineBar, type TimelinePicture } from '#contract/timeline.ts'

/** One attempt as the database has it. */
export interface Ran {
  readonly run: number
  readonly lane: string
  readonly state: RunState['kind']
  readonly started: number
  readonly ended: number
}

/** Every attempt that has run between two moments; one that runs still ends now. */
export const TIMELINE_SQL = `
  WITH every AS (
    SELECT id, kind, terms, state FROM runs
    WHERE created_at < @to AND (instr(spec, '"derivedFrom":') = 0 OR json_extract(spec, '$.derivedFrom') IS NULL)
    UNION ALL
    SELECT runs.id, kind, terms, attempts.state FROM attempts JOIN runs ON runs.id = run_id WHERE created_at < @to
  ), ran AS (
    SELECT id AS run, coalesce(json_extract(terms, '$.pool'), kind) AS lane, json_extract(state, '$.kind') AS state,
      json_extract(state, '$.startedAt') AS started, coalesce(json_extract(state, '$.endedAt'), @now) AS ended
    FROM every
  )
  SELECT * FROM ran WHERE started < @to AND ended > @from ORDER BY started`

/** Draws bars, or their sums when there are too many to be told apart. Keeps no more than either. */
export function drawTimeline(attempts: Iterable<Ran>, from: number, to: number): TimelinePicture {
  const bars: TimelineBar[] = []
  const lanes = new Map<string, { running: number[]; failed: number[] }>()
  const stretchMs = (to - from) / TIMELINE_STRETCHES
  let runs = 0

  for (const { run, lane, state, started, ended } of attempts) {
    runs += 1
    const bar = { run, lane, state, from: Math.max(from, started), to: Math.min(to, ended) }
    if (runs <= MAX_BARS) bars.push(bar)
    let sums = lanes.get(lane)
    if (!sums) lanes.set(lane, (sums = { running: emptySums(), failed: emptySums() }))
    const first = stretchOf(bar.from)
    const last = stretchOf(bar.to)
    for (let at = first; at <= last; at += 1) {
      const begin = from + at * stretchMs
      const shared = Math.min(bar.to, begin + stretchMs) - Math.max(bar.from, begin)
      sums.running[at] = (sums.running[at] ?? 0) + Math.max(0, shared) / stretchMs
    }
    if (ended <= to && isBad(state)) sums.failed[last] = (sums.failed[last] ?? 0) + 1
  }
  if (runs <= MAX_BARS) return { kind: 'bars', bars }
  return { kind: 'sums', runs, lanes: [...lanes].map(([lane, sums]) => ({ lane, ...sums })) }

  function stretchOf(at: number): number {
    return Math.min(TIMELINE_STRETCHES - 1, Math.floor((at - from) / stretchMs))
  }
}

function emptySums(): number[] {
  return new Array<number>(TIMELINE_STRETCHES).fill(0)
}

function isBad(state: RunState['kind']): boolean {
  switch (state) {
    case 'queued':
    case 'running':
    case 'paused':
    case 'done':
    case 'cancelled':
      return false
    case 'failed':
    case 'failed-to-spawn':
    case 'killed':
    case 'timed-out':
    case 'dependency-failed':
    case 'interrupted':
    case 'lost':
      return true
    default:
      return state satisfies never
  }
}
