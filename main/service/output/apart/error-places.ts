import { setTimeout as delay } from 'node:timers/promises'
import { withSortedRecords } from '../sorted-records.ts'

/** A stretch of an output that came on standard error: its first byte, and the one after its last. */
export interface ErrorPlace {
  readonly from: number
  readonly to: number
}

/** What is known of a part of an output: where in it standard error is. */
export interface ErrorPlaces {
  readonly places: readonly ErrorPlace[]
  /** Beyond it there were too many to tell at once; else the end of what was asked for. */
  readonly until: number
}

/** Two numbers of 64 bits, as the wrapper writes them. */
const RECORD_BYTES = 16
/** Read at a time. */
const RECORDS_AT_ONCE = 1_024
/** More in one part of an output are told in several answers: 160 kB of a message. */
const MAX_PLACES = 10_000
/** A place is written down within microseconds of its bytes. Longer than this is what was ended just then, milliseconds. */
const WRITTEN_WITHIN_MS = 50

/** Where in the bytes from one to another standard error is. Ask after the bytes were read. @param path of the map */
export async function errorPlaces(path: string, from: number, to: number): Promise<ErrorPlaces> {
  const deadline = performance.now() + WRITTEN_WITHIN_MS
  for (;;) {
    const found = await readPlaces(path, from, to)
    if (found.settled || performance.now() > deadline) return found
    await delay(1)
  }
}

async function readPlaces(
  path: string,
  from: number,
  to: number,
): Promise<ErrorPlaces & { readonly settled: boolean }> {
  return withSortedRecords(path, RECORD_BYTES, async (records) => {
    const places: ErrorPlace[] = []
    let next = await records.first((record) => !isOpen(record) && placeOf(record).to <= from)
    for (;;) {
      const some = await records.read(next, RECORDS_AT_ONCE)
      for (const record of some) {
        const place = placeOf(record)
        if (place.from >= to) return { places, until: to, settled: true }
        if (isOpen(record)) return { places, until: to, settled: false }
        if (places.length === MAX_PLACES) return { places, until: place.from, settled: true }
        places.push({ from: Math.max(from, place.from), to: Math.min(to, place.to) })
      }
      if (some.length < RECORDS_AT_ONCE) return { places, until: to, settled: true }
      next += some.length
    }
  })
}

/** It is being written, or was when its writer was ended. */
const isOpen = (record: Buffer): boolean => placeOf(record).to === 0

function placeOf(record: Buffer): ErrorPlace {
  return { from: Number(record.readBigUInt64LE(0)), to: Number(record.readBigUInt64LE(RECORD_BYTES / 2)) }
}
