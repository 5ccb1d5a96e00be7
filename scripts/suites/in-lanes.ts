/**
 * Does something with each item, so many at a time, beginning in their order.
 * @returns what came of each, in the same order; rejects with the first failure.
 */
export async function inLanes<I, R>(
  lanes: number,
  items: readonly I[],
  work: (item: I) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const left = [...items.entries()]
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}
