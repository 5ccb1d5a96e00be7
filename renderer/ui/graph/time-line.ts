/** A value at a time (ms since 1970). */
export interface TimePoint {
  readonly at: number
  readonly value: number
}

/** The drawing's own units, which the browser stretches to its size. */
export const GRAPH_WIDTH = 1_000
export const GRAPH_HEIGHT = 100

/** Where points lie in the drawing: time from left to right, 0 at the bottom and `most` at the top. */
export function pathOf(points: readonly TimePoint[], most: number): string {
  const step = (point: TimePoint, index: number): string => {
    const y = GRAPH_HEIGHT * (1 - Math.min(1, point.value / most))
    return `${index === 0 ? 'M' : 'L'}${round(GRAPH_WIDTH * shareOf(points, point.at))} ${round(y)}`
  }
  return points.map(step).join('')
}

/** How far a time is from the first point to the last, from 0 to 1. */
export function shareOf(points: readonly TimePoint[], at: number): number {
  const from = points[0]?.at ?? 0
  const to = points.at(-1)?.at ?? 0
  return to > from ? (at - from) / (to - from) : 1
}

/** The point that is nearest to a share of the width; points ascend in time. */
export function nearestIndex(points: readonly TimePoint[], share: number): number {
  const from = points[0]?.at ?? 0
  const at = from + share * ((points.at(-1)?.at ?? from) - from)
  let low = 0
  let high = points.length - 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((points[middle]?.at ?? 0) <= at) low = middle
    else high = middle
  }
  const toLow = Math.abs(at - (points[low]?.at ?? 0))
  return high >= 0 && Math.abs((points[high]?.at ?? 0) - at) < toLow ? high : low
}

/** Two decimals are a hundredth of a pixel on most screens. */
function round(value: number): number {
  return Math.round(value * 100) / 100
}
