import type { LinesPage } from '../read-lines.ts'
import { withSortedRecords } from '../sorted-records.ts'
import { readTimeRecord, TIME_RECORD_BYTES, type TimeRecord } from './time-records.ts'

/** Read at a time. */
const RECORDS_AT_ONCE = 1_024

/**
 * Says of the lines of a page when their first byte came, as far as that is known.
 * @param path of the times.
 * @param life from the start of the command to its end, if it has ended: what came last may not be noted.
 */
export async function markTimes(
  path: string,
  { lines, spans }: LinesPage,
  life: { readonly from: number; readonly to: number } | undefined,
): Promise<LinesPage['lines']> {
  return withSortedRecords(path, TIME_RECORD_BYTES, async (records) => {
    const start = spans.find((span) => span !== undefined)?.[0] ?? 0
    let number = await records.first((record) => readTimeRecord(record).bytes <= start)
    let some: TimeRecord[] = []
    let next = 0
    const [before] = number > 0 ? (await records.read(number - 1, 1)).map(readTimeRecord) : []
    let after = before?.to ?? life?.from ?? 0
    const marked: LinesPage['lines'] = []
    for (const [index, line] of lines.entries()) {
      const span = spans[index]
      while (span) {
        if (next === some.length) {
          some = (await records.read(number, RECORDS_AT_ONCE)).map(readTimeRecord)
          number += some.length
          next = 0
          if (some.length === 0) break
        }
        const record = some[next]
        if (!record || record.bytes > span[0]) break
        after = record.to
        next += 1
      }
      const known = some[next] ?? (life && { from: Math.min(after, life.to), to: life.to })
      marked.push(span && known ? { ...line, arrived: [known.from, known.to] } : line)
    }
    return marked
  })
}

/** As `markTimes`, of a stretch of bytes: when they came, in their order. At most as many records as bytes. */
export async function timesOf(
  path: string,
  [from, to]: readonly [number, number],
  life: { readonly from: number; readonly to: number } | undefined,
): Promise<[bytes: number, from: number, to: number][]> {
  return withSortedRecords(path, TIME_RECORD_BYTES, async (records) => {
    let number = await records.first((record) => readTimeRecord(record).bytes <= from)
    const [before] = number > 0 ? (await records.read(number - 1, 1)).map(readTimeRecord) : []
    const times: [number, number, number][] = []
    let after = before?.to ?? life?.from ?? 0
    for (;;) {
      const some = (await records.read(number, RECORDS_AT_ONCE)).map(readTimeRecord)
      for (const record of some) {
        times.push([record.bytes, record.from, record.to])
        if (record.bytes >= to) return times
        after = record.to
      }
      if (some.length < RECORDS_AT_ONCE) break
      number += some.length
    }
    if (life && to > from) times.push([to, Math.min(after, life.to), life.to])
    return times
  })
}
