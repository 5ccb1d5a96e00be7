import { appendFile, stat, truncate } from 'node:fs/promises'
import { withSortedRecords } from '../sorted-records.ts'
import { readTimeRecord, TIME_RECORD_BYTES, writeTimeRecords, type TimeRecord } from './time-records.ts'

/** Least time between two records: 20 MB for a day of output without a pause. */
const NOTE_EVERY_MS = 100
/** Records are written together, this long after the first of them. */
const WRITE_AFTER_MS = 1_000

export interface TimeNotes {
  /**
   * Notes how many bytes there are.
   * @param lookedAt a moment before that was looked up.
   * @param isLast there will be no more.
   */
  looked(bytes: number, lookedAt: number, isLast: boolean): Promise<void>
  /** As `looked`, in the middle of a flood: nothing is asked of the system. */
  passed(bytes: number): void
  /** Resolves once all that was noted can be read. */
  write(): Promise<void>
}

export interface TimeNotesOptions {
  /** Absolute paths of the output, and of the file for its times, which may have some already. */
  readonly output: string
  readonly times: string
  /** Told once when the times cannot be written: they are then not known from there on. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** Begins to note when the bytes of a growing output come, or goes on with that. */
export function noteTimes({ output, times, onTrouble }: TimeNotesOptions): TimeNotes {
  let noted: { readonly bytes: number } | undefined
  /** Until then there were no more than was noted. */
  let since = 0
  let notedAt = -Infinity
  let pending: TimeRecord | undefined
  let unwritten: TimeRecord[] = []
  let writing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let isBroken = false

  /** What an earlier service has noted. */
  async function begin(): Promise<{ readonly bytes: number }> {
    const last = await lastRecord(times)
    since = Math.max(since, last?.to ?? (await stat(output)).birthtimeMs)
    return { bytes: last?.bytes ?? 0 }
  }

  function note(bytes: number, to: number, next: number): void {
    pending = { bytes, from: Math.min(since, to), to }
    if (performance.now() - notedAt >= NOTE_EVERY_MS) keep(next)
  }

  function keep(next: number): void {
    if (!pending || isBroken) return
    notedAt = performance.now()
    unwritten.push(pending)
    noted = pending
    since = Math.max(since, next)
    pending = undefined
    timer ??= setTimeout(() => void write(), WRITE_AFTER_MS).unref()
  }

  async function write(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    await writing
    if (unwritten.length === 0) return
    const records = unwritten
    unwritten = []
    writing = appendFile(times, writeTimeRecords(records), { mode: 0o600 }).catch((error: unknown) => {
      if (!isBroken) onTrouble(`When the lines of "${output}" came could not be written down.`, error)
      isBroken = true
    })
    await writing
  }

  return {
    async looked(bytes, lookedAt, isLast) {
      // All of it came between the start of the command and its end, and these are known.
      if (bytes === 0 || (!noted && isLast)) return
      noted ??= await begin()
      if (bytes === noted.bytes) {
        since = Math.max(since, lookedAt)
        return
      }
      // The last byte came when the file was written last, unless more has come since it was looked at.
      const { size, mtimeMs } = await stat(output)
      note(bytes, size === bytes ? mtimeMs : Date.now(), lookedAt)
    },
    passed(bytes) {
      if (noted && bytes > noted.bytes) note(bytes, Date.now(), since)
    },
    async write() {
      keep(since)
      await write()
    },
  }
}

/** The last whole record; what a crash has left of one behind it is cut off. */
async function lastRecord(path: string): Promise<TimeRecord | undefined> {
  const last = await withSortedRecords(path, TIME_RECORD_BYTES, async ({ count, read }) => {
    const [record] = count > 0 ? await read(count - 1, 1) : []
    return record && { ...readTimeRecord(record), end: count * TIME_RECORD_BYTES }
  })
  if (last) await truncate(path, last.end)
  return last
}
