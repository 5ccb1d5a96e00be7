import type Database from 'better-sqlite3'
import type { RawValue } from '#contract/chunk/encode.ts'
import type { StatementCounts } from '#contract/processes.ts'
import { isLocked, type Connection } from './database-failure.ts'
import { statementKeyword } from './statement-keyword.ts'

/** More than a person or a script has in turn; each takes a few kilobytes. */
const MAX_STATEMENTS = 64
/** A longer text, in UTF-16 code units, is not likely to come again, and would keep its size in memory. */
const MAX_TEXT = 100_000
/** Statements that leave the connection and the schema as they are. */
const KEPT = new Set(['SELECT', 'WITH', 'VALUES', 'INSERT', 'UPDATE', 'DELETE', 'REPLACE'])

export type PreparedStatement = Database.Statement<unknown[], RawValue[]>

/** Statements of one connection, prepared once and found again by their text. */
export interface StatementCache {
  /** @throws what better-sqlite3 throws for a text that is not one right statement, or while the database is locked. */
  prepare(connection: Connection, sql: string): PreparedStatement
  /** Forgets every statement: the connection is being closed. */
  clear(): void
  readonly counts: StatementCounts
}

/** Starts empty. The one used longest ago goes first when there are too many. */
export function cacheStatements(): StatementCache {
  const kept = new Map<string, PreparedStatement>()
  let version: number | undefined
  let readVersion: Database.Statement<[], number> | undefined
  let hits = 0
  let misses = 0

  function clear(): void {
    kept.clear()
    readVersion = undefined
    version = undefined
  }

  /**
   * Forgets everything when another connection has changed the schema, and has the engine read that again: by itself it
   * notices only at a statement's first step, when its columns were asked for already.
   */
  function followSchema(connection: Connection): void {
    try {
      readVersion ??= connection.prepare<[], number>('PRAGMA schema_version').pluck()
      const now = readVersion.get()
      if (now === version) return
      kept.clear()
      connection.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get()
      version = now
    } catch (error) {
      // Locked: what needs no table can run all the same, and what does will say so.
      if (!isLocked(error)) throw error
      kept.clear()
    }
  }

  return {
    prepare(connection, sql) {
      followSchema(connection)
      const keyword = statementKeyword(sql)
      if (!KEPT.has(keyword) || sql.length > MAX_TEXT) {
        // A temporary table, which no version counts, may change what the columns of another statement are.
        if (keyword !== 'EXPLAIN') kept.clear()
        misses += 1
        return connection.prepare<unknown[], RawValue[]>(sql)
      }
      const found = kept.get(sql)
      const statement = found ?? connection.prepare<unknown[], RawValue[]>(sql)
      if (found) hits += 1
      else misses += 1
      kept.delete(sql)
      kept.set(sql, statement)
      const [oldest] = kept.keys()
      if (kept.size > MAX_STATEMENTS && oldest !== undefined) kept.delete(oldest)
      return statement
    },
    clear,
    get counts() {
      return { hits, misses }
    },
  }
}
