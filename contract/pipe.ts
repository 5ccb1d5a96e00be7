import { z } from 'zod'
import { call, stream } from './channel.ts'
import { databaseAddress } from './database.ts'
import { pipeId } from './pipe-id.ts'
import { commandSpec, run, runId } from './run.ts'
import { sqlParams } from './sql-value.ts'
import { askedTerms } from './terms.ts'
import { exportFormat, importColumn, importFormat } from './transfer.ts'

/** Commands, queries and tables that are joined by bounded buffers: what one run writes, the next one reads. */

/** A smaller buffer would make its ends wait for each other at every line. */
const MIN_CAPACITY_BYTES = 4_096
/** It is held in memory. */
const MAX_CAPACITY_BYTES = 1024 ** 3
/** Unless the asker says otherwise: some milliseconds of a fast writer. */
export const DEFAULT_CAPACITY_BYTES = 1024 ** 2
/** More runs side by side are better run one after the other. */
const MAX_ENDS = 64
const MAX_STAGES = 16
const MAX_COLUMNS = 32_767

const bytes = z.number().int().nonnegative()
/** Milliseconds since 1970, UTC. */
const instant = z.number().int()

/** One run of a pipe that is asked for. */
export const pipeEnd = z.discriminatedUnion('kind', [
  commandSpec.extend({ callerEnvironment: z.record(z.string(), z.string()).optional() }),
  /** The rows of a query; only at the beginning. */
  z.object({
    kind: z.literal('query'),
    database: databaseAddress,
    sql: z.string().max(10_000_000),
    params: sqlParams.optional(),
    format: exportFormat,
  }),
  /**
   * A table; only at the end. It has all rows when the command before it has ended with status 0, and else none. Without
   * columns they are named by the first rows, and values are kept as they are written.
   */
  z.object({
    kind: z.literal('table'),
    database: databaseAddress,
    table: z.string().min(1),
    /** Make the table, which must not be there yet. */
    create: z.boolean(),
    format: importFormat,
    columns: z.array(importColumn).min(1).max(MAX_COLUMNS).optional(),
  }),
])
export type PipeEnd = z.infer<typeof pipeEnd>

/** What several readers of one buffer get: each of them everything, or each line one of them. */
export const pipeSpread = z.enum(['copy', 'share'])

export const pipeRequest = z.object({
  /** One after the other; those of one stage stand side by side. Several writers are merged by whole lines. */
  stages: z.array(z.array(pipeEnd).min(1).max(MAX_ENDS)).min(2).max(MAX_STAGES),
  /** Of each buffer. */
  capacity: z.number().int().min(MIN_CAPACITY_BYTES).max(MAX_CAPACITY_BYTES).optional(),
  /** Must be given where a stage after the first has several ends. */
  spread: pipeSpread.optional(),
  /** A command that does not end with 0 stops what reads from it; else it is only the end of their input, as in a shell. */
  strict: z.boolean().optional(),
  /** Of the first run; the others start with it, whatever their pool allows. Retries are refused. */
  terms: askedTerms.optional(),
})
export type PipeRequest = z.infer<typeof pipeRequest>

export const pipeState = z.discriminatedUnion('kind', [
  /** Its runs have not begun. */
  z.object({ kind: z.literal('waiting') }),
  z.object({ kind: z.literal('flowing') }),
  /** Every byte that was written was handed on. */
  z.object({ kind: z.literal('whole') }),
  /** `run` ended before it had read everything; null when it is not known which. */
  z.object({ kind: z.literal('ended-early'), run: runId.nullable() }),
  /** `run` was stopped, or failed, before it had written everything, and its readers were stopped. */
  z.object({ kind: z.literal('cut'), run: runId.nullable() }),
  /** The process that holds the buffer was ended from outside. What was in it is lost, and its readers fail. */
  z.object({ kind: z.literal('broken') }),
])
export type PipeState = z.infer<typeof pipeState>

export const pipeWriter = z.object({
  run: runId,
  bytes,
  /** `closed`: it writes no more, and whether it has ended by itself is not known yet. */
  state: z.enum(['open', 'closed', 'ended']),
})
export type PipeWriter = z.infer<typeof pipeWriter>
export const pipeReader = z.object({
  run: runId,
  bytes,
  /** What waits for this one. */
  queued: bytes,
  state: z.enum(['awaited', 'open', 'gone']),
})

export type PipeReader = z.infer<typeof pipeReader>

/** One buffer, and how it stands. The system's own pipes hold up to 64 KiB more on each side of it. */
export const pipe = z.object({
  id: pipeId,
  createdAt: instant,
  state: pipeState,
  capacity: bytes,
  /** What is in it now. */
  size: bytes,
  /** Line ends that were added between the last line of one writer and the next. */
  added: bytes,
  spread: pipeSpread,
  strict: z.boolean(),
  writers: z.array(pipeWriter),
  readers: z.array(pipeReader),
})
export type Pipe = z.infer<typeof pipe>

/** Which side waits for the other: writers for room in a full buffer, readers for bytes in an empty one. */
export function whoWaits({ state, size, capacity }: Pipe): 'writers' | 'readers' | 'nobody' {
  if (state.kind !== 'flowing') return 'nobody'
  if (size >= capacity) return 'writers'
  return size === 0 ? 'readers' : 'nobody'
}

/** Whether nothing happens to a pipe any more. */
export function isPipeOver(state: PipeState): boolean {
  return state.kind !== 'waiting' && state.kind !== 'flowing'
}

export const servicePipes = {
  /**
   * Makes a pipe and its runs. Answered once all of them are on disk; they go on whatever happens to the asker. Fails with
   * `invalid-params` for what cannot be joined, and as `command.run` does; nothing is left of it then.
   */
  'pipe.run': call(pipeRequest, z.object({ pipes: z.array(pipe), runs: z.array(run) })),
  'pipe.get': call(z.object({ id: pipeId }), pipe),
  /** How it stands, now and whenever that changes, a few times a second; ends when it is over. */
  'pipe.watch': stream(z.object({ id: pipeId }), pipe, pipe),
}
