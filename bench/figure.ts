import { median } from './statistics.ts'

/** What a figure should reach. Ratios are value to baseline. */
export type Goal =
  | { readonly kind: 'ratio-at-least'; readonly ratio: number }
  | { readonly kind: 'ratio-at-most'; readonly ratio: number }
  /** In the median of the rounds. */
  | { readonly kind: 'at-most'; readonly value: number }
  /** In every single round. */
  | { readonly kind: 'never-over'; readonly value: number }
  /** In the median of the rounds, and on top of what the baseline needs. */
  | { readonly kind: 'beyond-baseline-at-most'; readonly value: number }

/** What was measured of one thing, once a round, and of the thing that it is compared with in the same rounds. */
export interface Figure {
  readonly bench: string
  readonly figure: string
  readonly unit: string
  readonly values: readonly number[]
  /** Empty when there is nothing to compare with. */
  readonly baselines: readonly number[]
  readonly goal: Goal
}

/** A figure summed up over its rounds. */
export interface Verdict {
  readonly bench: string
  readonly figure: string
  /** The median, or the largest where the goal is about every round. */
  readonly value: number
  readonly min: number
  readonly max: number
  readonly unit: string
  readonly baseline: number | null
  readonly ratio: number | null
  /** In words, such as "ratio ≥ 0.75". */
  readonly goal: string
  readonly met: boolean
}

/** Sums a figure up and judges it. @throws RangeError when nothing was measured. */
export function judge({ bench, figure, unit, values, baselines, goal }: Figure): Verdict {
  const min = Math.min(...values)
  const max = Math.max(...values)
  const value = goal.kind === 'never-over' ? max : median(values)
  const baseline = baselines.length === 0 ? null : median(baselines)
  const ratio = baseline === null ? null : value / baseline
  const summary = { bench, figure, value, min, max, unit, baseline, ratio }
  switch (goal.kind) {
    case 'ratio-at-least':
      return { ...summary, goal: `ratio ≥ ${goal.ratio}`, met: ratio !== null && ratio >= goal.ratio }
    case 'ratio-at-most':
      return { ...summary, goal: `ratio ≤ ${goal.ratio}`, met: ratio !== null && ratio <= goal.ratio }
    case 'at-most':
      return { ...summary, goal: `≤ ${goal.value} ${unit}`, met: value <= goal.value }
    case 'never-over':
      return { ...summary, goal: `never over ${goal.value} ${unit}`, met: max <= goal.value }
    case 'beyond-baseline-at-most':
      return {
        ...summary,
        goal: `≤ baseline + ${goal.value} ${unit}`,
        met: baseline !== null && value <= baseline + goal.value,
      }
    default:
      return goal satisfies never
  }
}

/** Digits that are worth reading: the next one changes from run to run. */
const SIGNIFICANT_DIGITS = 3

/** A measured number without the digits that mean nothing. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(SIGNIFICANT_DIGITS))
}

/** One line of JSON for programs that read the figures; its keys are a promise to them. */
export function jsonLine({ bench, figure, value, unit, baseline, ratio, goal, met }: Verdict): string {
  const shown = (number: number | null): number | null => (number === null ? null : rounded(number))
  return JSON.stringify({
    bench,
    figure,
    value: rounded(value),
    unit,
    baseline: shown(baseline),
    ratio: shown(ratio),
    goal,
    met,
  })
}
