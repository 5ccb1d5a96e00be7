import type { TimelineBar } from '#contract/timeline.ts'

/** A lane with its bars, each in the first row in which it overlaps none. */
export interface PackedLane {
  readonly lane: string
  readonly rows: readonly (readonly TimelineBar[])[]
}

/** Packs bars into as few rows as fit, lanes by name. @param bars by their beginnings */
export function packBars(bars: readonly TimelineBar[]): readonly PackedLane[] {
  const lanes = new Map<string, { ends: number[]; rows: TimelineBar[][] }>()
  for (const bar of bars) {
    let lane = lanes.get(bar.lane)
    if (!lane) lanes.set(bar.lane, (lane = { ends: [], rows: [] }))
    const free = lane.ends.findIndex((end) => end <= bar.from)
    const row = free === -1 ? lane.rows.length : free
    lane.ends[row] = bar.to
    const packed = (lane.rows[row] ??= [])
    packed.push(bar)
  }
  return [...lanes].map(([lane, { rows }]) => ({ lane, rows })).sort((a, b) => a.lane.localeCompare(b.lane))
}
