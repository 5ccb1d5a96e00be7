import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { cellText } from '#contract/chunk/cell-text.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { StatementCounts } from '#contract/processes.ts'
import { queryHostContract, rowsContract, type RowsItem } from '#contract/query-host.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import type { Port } from '#kit/port.ts'
import { RequestFailed } from '#kit/request-failed.ts'
import { serve } from '#kit/serve.ts'
import { createQueryHost } from './query-host.ts'

/** A query host over real message ports, with a folder of its own. */
export interface TestHost {
  readonly client: Client<typeof queryHostContract>
  readonly folder: string
  /** A path in the folder. */
  readonly at: (name: string) => string
  /** Makes a database in the folder. @returns its path. */
  readonly make: (name: string, sql: string) => string
  /** Runs a statement to its end. */
  readonly run: (sql: string) => Promise<{ readonly rows: number; readonly changes: number | null }>
  /** Of the host's cache of prepared statements. */
  readonly statementCounts: () => StatementCounts
  readonly close: () => Promise<void>
}

/** @param library of the extension; without it the host does everything in JavaScript. */
export async function openTestHost(library?: string): Promise<TestHost> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-host-'))
  const { port1, port2 } = new MessageChannel()
  const host = createQueryHost(library)
  const serving = serve(queryHostContract, nodePort(port1), host.handlers)
  const session = nodePort(port2)
  const client = connect(queryHostContract, session, dialWithEnvelopes(session))
  const at = (name: string): string => join(folder, name)
  return {
    client,
    folder,
    at,
    make(name, sql) {
      const database = new Database(at(name))
      database.exec(sql)
      database.close()
      return at(name)
    },
    async run(sql) {
      const { progress } = await client.stream('execute', { sql, resultPath: at('result'), rows: 'none' })
        .result
      return { rows: progress.rows, changes: progress.changes }
    },
    statementCounts: () => host.statementCounts,
    async close() {
      await host.close()
      serving.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** The failure that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<RequestFailed['failure']> {
  const thrown: unknown = await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
  if (thrown instanceof RequestFailed) return thrown.failure
  throw thrown
}

/** A port for a request to carry, and a client for what is served on it. */
export function rowsChannel(): {
  readonly passenger: Port
  readonly client: Client<typeof rowsContract>
  readonly near: Port
} {
  const { port1, port2 } = new MessageChannel()
  const near = nodePort(port2)
  return { passenger: nodePort(port1), client: connect(rowsContract, near, dialWithEnvelopes(near)), near }
}

/** Cells of a rows item as text. */
export function cellsOf(item: RowsItem): string[][] {
  if (item.kind !== 'rows') throw new Error('These are no rows.')
  return cellsOfChunk(item.chunk)
}

/** The cells of a chunk as text. */
export function cellsOfChunk(bytes: Uint8Array): string[][] {
  const chunk = readChunk(bytes)
  return Array.from({ length: chunk.rowCount }, (_, row) =>
    Array.from({ length: chunk.columnCount }, (__, column) => cellText(chunk.cell(row, column))),
  )
}

/** Holds an exclusive lock on a database from another process. @returns what releases it. */
export async function lockElsewhere(path: string): Promise<() => Promise<void>> {
  const script = `const db = new (require('better-sqlite3'))(process.argv[1]); db.exec('BEGIN EXCLUSIVE'); console.log('locked'); process.stdin.resume()`
  const holder = spawn(process.execPath, ['-e', script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(holder, 'exit')
  await once(holder.stdout, 'data')
  return async () => {
    holder.kill('SIGKILL')
    await ended
  }
}

/** Leaves a database as a process does that is killed while it changes every row: half changed, with its journal. */
export async function breakOffChange(path: string): Promise<void> {
  const script = `const db = new (require('better-sqlite3'))(process.argv[1]); db.pragma('cache_size = 1'); db.exec("BEGIN; UPDATE t SET a = 2; CREATE TABLE big AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT hex(randomblob(500)) FROM n"); console.log('changing'); process.stdin.resume()`
  const changer = spawn(process.execPath, ['-e', script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(changer, 'exit')
  await once(changer.stdout, 'data')
  changer.kill('SIGKILL')
  await ended
}
