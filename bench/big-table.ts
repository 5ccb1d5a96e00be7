import { join } from 'node:path'
import { outputOf } from './shell.ts'
import { ensureSqliteShell } from './sqlite-shell.ts'

/** Enough for a run of some seconds at the speeds that are expected. */
export const BIG_ROWS = 3_000_000
/** As many as a result is promised to be at hand with. */
export const HUGE_ROWS = 10_000_000
export const SHORT_ROWS = 300_000

/** A database with one table: integers, texts, a float and NULLs, ids ascending from 1. */
export interface BigTable {
  /** Absolute path of the database. */
  readonly path: string
  readonly rows: number
  /** Reads all of the table in the order of its ids. */
  readonly sql: string
  /** Where the column is whose sum is known. */
  readonly summedColumn: number
  readonly sum: number
}

/** Makes the table with the sqlite3 shell. @throws SetupFailure when there is none. */
export async function makeBigTable(
  folder: string,
  rows: number,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<BigTable> {
  await ensureSqliteShell(signal, say)
  const path = join(folder, `${rows}-rows.db`)
  say(`Making a table of ${rows.toLocaleString('en')} rows…`)
  const sum = await outputOf('sqlite3', [path, tableSql(rows)], signal)
  return { path, rows, sql: 'SELECT * FROM readings', summedColumn: 1, sum: Number(sum) }
}

function tableSql(rows: number): string {
  return `
    PRAGMA synchronous = OFF;
    CREATE TABLE readings (
      id INTEGER PRIMARY KEY,
      sensor INTEGER NOT NULL,
      place TEXT NOT NULL,
      note TEXT,
      value REAL NOT NULL,
      flags INTEGER
    );
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO readings SELECT
      i,
      i * 7919 % 1000,
      'place ' || (i % 5000),
      iif(i % 7 = 0, NULL, 'reading ' || (i % 100000) || ' of the day'),
      (i * 37 % 100000) / 7.0,
      iif(i % 3 = 0, NULL, i % 65536)
    FROM n;
    SELECT sum(sensor) FROM readings;`
}
