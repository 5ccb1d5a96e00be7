/** The middle of some measurements, between the two middle ones when their number is even. @throws RangeError for none. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values)
  const middle = sorted.length / 2
  return (at(sorted, Math.ceil(middle) - 1) + at(sorted, Math.floor(middle))) / 2
}

/** The sum of some measurements shared out evenly. @throws RangeError for none. */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw nothingMeasured()
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * The smallest measurement that at least a share of all does not exceed (nearest rank).
 * @param share 0 to 1, such as 0.99. @throws RangeError for none.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = ascending(values)
  return at(sorted, Math.max(0, Math.ceil(sorted.length * share) - 1))
}

function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b)
}

function at(sorted: readonly number[], index: number): number {
  const value = sorted[index]
  if (value === undefined) throw nothingMeasured()
  return value
}

function nothingMeasured(): RangeError {
  return new RangeError('Nothing was measured, so that there is nothing to sum up.')
}
