const NEWLINE = 10
/** A line is seen within a quarter of a second; of one that may have come much earlier that is said. */
const UNSURE_MS = 1_000

/** When bytes came: how many there were by then, and not before and not after which moment, ms since 1970; in rising order. */
type Times = readonly (readonly [bytes: number, from: number, to: number])[]

/**
 * Puts before each line when it came.
 * @param bytes what follows that of the call before.
 * @param from where they begin in the output.
 */
export type Stamp = (bytes: Uint8Array, from: number, times: Times) => Generator<Uint8Array | string>

/** Begins at the beginning of a line. Times are those of RFC 3339 in UTC, with `<=` where a line may have come earlier. */
export function stampLines(): Stamp {
  let atBeginning = true
  return function* (bytes, from, times) {
    let record = 0
    for (let at = 0; at < bytes.length;) {
      while (record < times.length && (times[record]?.[0] ?? 0) <= from + at) record += 1
      if (atBeginning) yield `${stampOf(times[record])} `
      const newline = bytes.indexOf(NEWLINE, at)
      const end = newline < 0 ? bytes.length : newline + 1
      yield bytes.subarray(at, end)
      atBeginning = newline >= 0
      at = end
    }
  }
}

function stampOf(record: Times[number] | undefined): string {
  if (!record) return '-'
  const [, from, to] = record
  return `${to - from > UNSURE_MS ? '<=' : ''}${new Date(to).toISOString()}`
}
