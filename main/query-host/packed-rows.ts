import type Database from 'better-sqlite3'
import { buildChunks, type RawValue } from '#contract/chunk/encode.ts'

/** A statement whose rows come as chunks. */
export interface PackedRows {
  /**
   * Steps the statement for a while. Rows before an error are returned first.
   * @param rows at most in a chunk; 0 steps no further and returns those at hand.
   * @param sliceMs how long it may take, unless a single step takes longer.
   * @param ageMs a chunk is returned once its first row is so old.
   * @returns a chunk; the number of rows at hand when none is due yet; null after the last one.
   * @throws SqliteError as better-sqlite3 does, again at each call, with SQLITE_INTERRUPT after an interrupt; the
   * statement has ended then.
   */
  next(rows: number, sliceMs: number, ageMs: number): PackedAnswer
  close(): void
}

export type PackedAnswer = Uint8Array<ArrayBuffer> | number | null

/** Looking at the clock after each row took a twentieth of the time of quick ones; so many are stepped without a look, */
const MAX_STRIDE = 4
/** as long as those before took no longer than this together (milliseconds): a slow statement is watched row by row. */
const QUICK_MS = 0.05

/** Packs the rows of a statement in JavaScript, as the extension does where it is loaded. */
export function packInJavaScript(
  statement: Database.Statement<unknown[], RawValue[]>,
  columnCount: number,
  values: unknown[],
): PackedRows {
  const builder = buildChunks(columnCount)
  const rows = statement
    .raw()
    .safeIntegers()
    .iterate(...values)
  let firstRowAt = 0
  let stride = 1
  let end: { readonly error?: unknown } | undefined

  /** @returns how the statement ended, if it did. */
  function step(): typeof end {
    try {
      const record = rows.next()
      if (record.done === true) return {}
      builder.append(record.value)
      return undefined
    } catch (error) {
      return { error }
    }
  }

  return {
    next(rowLimit, sliceMs, ageMs) {
      const start = performance.now()
      const isDue = (now: number): boolean =>
        builder.full || builder.rows >= rowLimit || (builder.rows > 0 && now - firstRowAt >= ageMs)
      let due = isDue(start)
      let looked = start
      while (!end && !due) {
        const before = builder.rows
        for (let left = stride; left > 0 && !end && !builder.full && builder.rows < rowLimit; left -= 1)
          end = step()
        const now = performance.now()
        if (before === 0) firstRowAt = now
        stride = now - looked < QUICK_MS ? Math.min(stride * 2, MAX_STRIDE) : 1
        looked = now
        due = isDue(now)
        if (now - start >= sliceMs) break
      }
      if (builder.rows > 0 && (due || end)) return builder.finish()
      if (!end) return builder.rows
      if ('error' in end) throw end.error
      return null
    },
    close: () => void rows.return?.(),
  }
}
