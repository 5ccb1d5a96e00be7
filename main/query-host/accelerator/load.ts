import type Database from 'better-sqlite3'
import type { RawValue } from '#contract/chunk/encode.ts'
import { isInterrupt, type Connection } from '../database-failure.ts'
import type { PackedRows } from '../packed-rows.ts'

/** Where a chunk says how long it is, in bytes. */
const CHUNK_LENGTH_AT = 12

/** What the extension does for one connection. It is gone with the connection. */
export interface Accelerator {
  /**
   * Prepares a statement that returns so many columns. It must be none that SQLite refuses while another one is active,
   * for it is stepped from within a statement: no PRAGMA.
   * @param values of its parameters by their numbers, from 1.
   * @throws SqliteError as better-sqlite3 does.
   */
  open(sql: string, columnCount: number, values?: readonly RawValue[]): PackedRows
  /** Where in a text the engine finds its error, in UTF-16 code units; undefined where it does not say. */
  errorPosition(sql: string): number | undefined
  /**
   * From now on a message with the token interrupts this connection.
   * @param inside whatever it runs; otherwise only what `PackedRows.next` steps.
   * @returns whether that message has come already.
   */
  watch(token: string, inside: boolean): boolean
  /**
   * Ends the watch. Call it before anything else is run on the connection.
   * @returns whether the message has come, also when nothing was left to interrupt.
   */
  unwatch(): boolean
}

const accelerators = new WeakMap<Connection, Accelerator>()

/** The accelerator that was loaded into a connection, if one was. */
export function acceleratorOf(connection: Connection): Accelerator | undefined {
  return accelerators.get(connection)
}

/**
 * Loads the extension and settles where interrupts are heard: once for a process and without a connection to stay for.
 * @param listenOn a socket's path or pipe's name; null for a connection that is not the one.
 * @throws SqliteError when the library cannot be loaded, or the socket cannot be made.
 */
export function loadLibrary(
  connection: Connection,
  library: string,
  listenOn: string | null,
  purpose: Purpose = 'database',
): void {
  connection.loadExtension(library)
  connection.prepare('SELECT offloop_settle(?, ?)').get(listenOn, purpose === 'result' ? 1n : 0n)
}

/** What a connection is for: only one to a result file may read result files. */
type Purpose = 'database' | 'result'

/**
 * Loads the extension into a connection that has run nothing yet, and closes it to other extensions.
 * @param library the extension's file.
 * @throws SqliteError when the library cannot be loaded; the connection works as it did.
 */
export function loadAccelerator(
  connection: Connection,
  library: string,
  purpose: Purpose = 'database',
): Accelerator {
  loadLibrary(connection, library, null, purpose)
  const ask = (sql: string): Database.Statement => connection.prepare(sql).pluck()
  const opening = ask('SELECT offloop_open(?, ?)').safeIntegers()
  const binding = ask('SELECT offloop_bind(?, ?, ?)')
  const stepping = ask('SELECT offloop_next(?, ?, ?, ?)')
  const continuing = ask('SELECT offloop_rest(?)')
  const closing = ask('SELECT offloop_close(?)')
  const locating = ask('SELECT offloop_error_offset(?)')
  const watching = ask('SELECT offloop_watch(?, ?)')
  const unwatching = ask('SELECT offloop_unwatch()')

  /** Puts the pieces of a chunk together that was too long for one value. */
  function whole(first: Uint8Array, handle: unknown): Uint8Array<ArrayBuffer> {
    const length = new DataView(first.buffer, first.byteOffset).getUint32(CHUNK_LENGTH_AT, true)
    // Ports copy the whole buffer behind a view, so a chunk must own its.
    const { buffer } = first
    if (buffer instanceof ArrayBuffer && buffer.byteLength === length) return new Uint8Array(buffer)
    const chunk = new Uint8Array(length)
    let filled = 0
    for (let piece: unknown = first; piece instanceof Uint8Array; piece = continuing.get(handle)) {
      chunk.set(piece, filled)
      filled += piece.length
      if (filled === length) break
    }
    return chunk
  }

  const accelerator: Accelerator = {
    open(sql, columnCount, values = []) {
      const handle = opening.get(sql, BigInt(columnCount))
      const close = (): void => {
        closing.get(handle)
      }
      try {
        for (const [at, value] of values.entries()) binding.get(handle, BigInt(at + 1), value)
      } catch (error) {
        close()
        throw error
      }
      return {
        next(rows, sliceMs, ageMs) {
          const answer = stepping.get(handle, rows, sliceMs, ageMs)
          if (answer instanceof Uint8Array) return whole(answer, handle)
          return typeof answer === 'number' ? answer : null
        },
        close,
      }
    },
    errorPosition(sql) {
      const offset = locating.get(sql)
      return typeof offset === 'number' ? Buffer.from(sql).toString('utf8', 0, offset).length : undefined
    },
    watch(token, inside) {
      try {
        return watching.get(Buffer.from(token, 'hex'), inside ? 1n : 0n) === 1
      } catch (error) {
        // It came at once and hit this statement itself.
        if (isInterrupt(error)) return true
        throw error
      }
    },
    unwatch() {
      let came = false
      for (;;) {
        try {
          return unwatching.get() === 1 || came
        } catch (error) {
          // The interrupt hit this statement itself; it is repeated until the watch has ended.
          if (!isInterrupt(error)) throw error
          came = true
        }
      }
    },
  }
  accelerators.set(connection, accelerator)
  return accelerator
}
