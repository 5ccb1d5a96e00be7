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
      while (!end && !due) {
        end = step()
        const now = performance.now()
        if (builder.rows === 1) firstRowAt = now
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
