import { open } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { OutputHit } from '#contract/output-search.ts'
import { MAX_LISTED_HITS } from '#contract/search-limits.ts'
import { failureOf } from '#kit/request-failed.ts'
import { truncated } from './catch-up.ts'
import { MAX_WHOLE_LINE_BYTES, searchLines } from './search-lines.ts'
import type { SearchStart, SearchTold, SearchUntil } from './search-messages.ts'

/**
 * The thread of one search. A regular expression cannot be stopped half-way, and some take for ever; a thread can be ended
 * at any moment, and the service's own loop never runs one.
 */
if (!parentPort) throw new Error('This file runs only as a worker thread of the service.')
const port = parentPort
const tell = (told: SearchTold): void => port.postMessage(told)

/** Read at a time: each piece waits for another thread, which smaller ones do too often. */
const READ_BYTES = 512 * 1024
/** Read first, and then ever more: thousands of hits at once would keep the first of them waiting. */
const FIRST_READ_BYTES = 16 * 1024
/** Least time between two reports, in milliseconds; what is found first is told at once. */
const REPORT_MS = 50

let until: SearchUntil = { bytes: 0, last: false, gap: undefined }
let wake = (): void => undefined
port.on('message', (next: SearchUntil) => {
  until = next
  wake()
})

const { path, query, sharedGap } = workerData as SearchStart
const gapEnds = new BigInt64Array(sharedGap)
let hits: OutputHit[] = []
let searchedBytes = 0
let reportedAt = -Infinity
const lines = searchLines({
  query,
  mostListed: MAX_LISTED_HITS,
  onHit: (hit) => hits.push(hit),
})

function report(): void {
  reportedAt = performance.now()
  tell({ kind: 'found', hits, total: lines.total, searchedBytes })
  hits = []
}

/** A stretch of the file with room before it for what is left of the one before. */
const makeBuffer = (): Buffer => Buffer.allocUnsafeSlow(MAX_WHOLE_LINE_BYTES + READ_BYTES)

/** Where what is not kept begins, if some of these bytes are in it: they may have been read as zeros. */
function beginningOfGap(from: number, length: number): number | undefined {
  const begin = Number(Atomics.load(gapEnds, 0))
  const end = Number(Atomics.load(gapEnds, 1))
  return from < end && from + length > begin ? begin : undefined
}

/** All that is known of the gap that these bytes are in; the service tells it after it has said that there is one. */
async function gapAfter(from: number): Promise<SearchUntil['gap']> {
  for (;;) {
    const { gap } = until
    const end = Number(Atomics.load(gapEnds, 1))
    if (gap && gap.to > from && gap.to >= end) return gap
    // It turned out that nothing could be given up.
    if (end <= from) return undefined
    await new Promise<void>((resolve) => (wake = resolve))
  }
}

async function search(): Promise<void> {
  const file = await open(path)
  try {
    const read = async (buffer: Buffer): Promise<number> => {
      const most = Math.min(READ_BYTES, Math.max(FIRST_READ_BYTES, searchedBytes))
      const wanted = Math.min(most, until.bytes - searchedBytes)
      const { bytesRead } = await file.read(buffer, MAX_WHOLE_LINE_BYTES, wanted, searchedBytes)
      if (bytesRead === 0 && wanted > 0) throw truncated(path, searchedBytes, until.bytes)
      return bytesRead
    }
    let buffer = makeBuffer()
    let other = makeBuffer()
    let left = 0
    let reading = read(buffer)
    for (;;) {
      const wholeRead = await reading
      const gapBegin = beginningOfGap(searchedBytes, wholeRead)
      const bytesRead = gapBegin === undefined ? wholeRead : Math.max(0, gapBegin - searchedBytes)
      searchedBytes += bytesRead
      const atEnd = gapBegin === undefined && searchedBytes === until.bytes
      // The next stretch is read while this one is searched.
      const ahead = atEnd || gapBegin !== undefined ? undefined : read(other)
      // Awaited only after the search; what it fails with is heard then.
      ahead?.catch(() => undefined)
      const found = lines.total
      const bytes = buffer.subarray(MAX_WHOLE_LINE_BYTES - left, MAX_WHOLE_LINE_BYTES + bytesRead)
      const done = lines.search(bytes, gapBegin !== undefined || (atEnd && until.last))
      left = bytes.length - done
      bytes.copy(other, MAX_WHOLE_LINE_BYTES - left, done)
      if (atEnd || (found === 0 && lines.total > 0) || performance.now() - reportedAt > REPORT_MS) report()
      if (gapBegin !== undefined) {
        const gap = await gapAfter(searchedBytes)
        if (gap) {
          lines.goTo(gap.newlinesBefore)
          searchedBytes = gap.to
        }
        left = 0
      }
      if (atEnd && until.last) return
      if (atEnd) await new Promise<void>((resolve) => (wake = resolve))
      ;[buffer, other] = [other, buffer]
      reading = ahead ?? read(buffer)
    }
  } finally {
    await file.close()
  }
}

try {
  await search()
  tell({ kind: 'done' })
} catch (error) {
  tell({ kind: 'failed', failure: failureOf(error) })
}
port.close()
