import type { Steps } from './chart-sql.ts'

const SECOND = 1_000
const DAY = 86_400 * SECOND
/** Steps of time that people think in (ms); above them, whole numbers of years of 365 days. */
const TIMES = [
  ...[1, 5, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 5, 15, 30].map((minutes) => minutes * 60 * SECOND),
  ...[1, 3, 6, 12].map((hours) => hours * 3_600 * SECOND),
  ...[1, 7, 30, 91, 365].map((days) => days * DAY),
]
const YEAR = 365 * DAY
/** Steps that are read easily, within a power of ten. */
const EASY = [1, 2, 5, 10]

/** Equal steps over a stretch of values, exactly so many. */
export function evenSteps(least: number, greatest: number, count: number): Steps {
  // A difference of two halves cannot overflow.
  const width = greatest / count - least / count
  return width > 0 && Number.isFinite(width)
    ? { from: least, width, count }
    : { from: least, width: 1, count: 1 }
}

/** Steps with ends that are read easily, at most so many and one more. @param isTime values are milliseconds. */
export function easySteps(least: number, greatest: number, most: number, isTime: boolean): Steps {
  const { width: needed, count } = evenSteps(least, greatest, most)
  if (count === 1) return { from: least, width: 1, count: 1 }
  const width = isTime && needed >= SECOND ? timeStep(needed) : easyStep(needed)
  const from = Math.floor(least / width) * width
  return { from, width, count: Math.max(1, Math.floor((greatest - from) / width) + 1) }
}

function timeStep(needed: number): number {
  return TIMES.find((width) => width >= needed) ?? easyStep(needed / YEAR) * YEAR
}

function easyStep(needed: number): number {
  const power = 10 ** Math.floor(Math.log10(needed))
  return (EASY.find((step) => step * power >= needed) ?? 10) * power
}
