import { z } from 'zod'
import { databaseAddress } from './database.ts'
import { environmentChange, hideable } from './environment.ts'
import { failure } from './failure.ts'
import { runId } from './run-id.ts'
import { sqlParams } from './sql-value.ts'
import { standardInput } from './standard-input.ts'
import { dependencyOn, runTerms, schedulingName } from './terms.ts'
import { terminalSize } from './terminal.ts'
import { transferProgress, transferSpec } from './transfer.ts'

/** Milliseconds since 1970, UTC: for showing and sorting, never for measuring. */
const instant = z.number().int()
/** Milliseconds by a clock that never jumps. */
const duration = z.number().nonnegative()
/** A count of rows, lines or bytes; below 2^53. */
const count = z.number().int().nonnegative()

export { runId, type RunId } from './run-id.ts'

/** Why a queued run has not started. */
export const waitingReason = z.discriminatedUnion('kind', [
  /** Every host of the database is busy; `limit` is how many there may be. */
  z.object({ kind: z.literal('hosts-busy'), limit: count }),
  /** Its process is being started. */
  z.object({ kind: z.literal('starting') }),
  /** Somebody put it aside. */
  z.object({ kind: z.literal('held') }),
  /** Another run has not ended yet. */
  z.object({ kind: z.literal('after'), run: runId, on: dependencyOn }),
  /** Another run has not ended as it must; it can be restarted as long as the pool is paused. */
  z.object({ kind: z.literal('after-broken'), run: runId, on: dependencyOn }),
  z.object({ kind: z.literal('starts-at'), at: instant }),
  /** It is part of a pipe, and starts with the first run of that. */
  z.object({ kind: z.literal('starts-with'), run: runId }),
  /** Its last attempt has not ended well; `attempt` is the number of the next. */
  z.object({ kind: z.literal('retry'), at: instant, attempt: count }),
  z.object({ kind: z.literal('pool-paused'), pool: schedulingName }),
  /** `ahead` is how many of those that could start come before it; absent when it could not, or when they are many. */
  z.object({
    kind: z.literal('pool-full'),
    pool: schedulingName,
    limit: count,
    ahead: count.optional(),
  }),
  /** A run has the lock, or, while it is free, is before this one in its line. */
  z.object({ kind: z.literal('lock'), lock: schedulingName, run: runId, holds: z.boolean() }),
])
export type WaitingReason = z.infer<typeof waitingReason>

/** How a cancelled run was stopped. */
export const cancelHow = z.enum([
  /** It had not started. */
  'before-start',
  /** A query, between two rows: its host lives on. */
  'between-rows',
  /** A query, inside a statement, which the engine undid: its connection lives on. */
  'interrupted',
  /** A query, inside a statement: its process was ended, and an open transaction with it was rolled back. */
  'process-ended',
  /** A command that ended by itself on TERM. */
  'terminated',
  /** A command that had to be ended with KILL. */
  'killed',
])
export type CancelHow = z.infer<typeof cancelHow>

/** The one life that every run has: queued, running (perhaps stopping) or paused, then exactly one final state. */
export const runState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('queued'), reasons: z.array(waitingReason) }),
  z.object({
    kind: z.literal('running'),
    startedAt: instant,
    /** Of the command itself, or of the query host. */
    pid: z.number().int().positive().optional(),
    /** Its cancel was asked for and is not confirmed yet. */
    stopping: z.boolean(),
    /** Its command was found alive after Offloop itself had ended, and taken over. */
    adopted: z.boolean(),
  }),
  /** Its processes are halted and keep what they have, its place in the pool too. */
  z.object({
    kind: z.literal('paused'),
    startedAt: instant,
    pausedAt: instant,
    pid: z.number().int().positive().optional(),
    adopted: z.boolean(),
  }),
  z.object({
    kind: z.literal('done'),
    startedAt: instant,
    endedAt: instant,
    durationMs: duration,
    /** A budget of its result was used up: the rows so far are all there are. */
    limitedBy: z.enum(['rows', 'bytes']).optional(),
  }),
  z.object({
    kind: z.literal('failed'),
    startedAt: instant,
    endedAt: instant,
    durationMs: duration,
    cause: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('exit'), exitCode: z.number().int() }),
      z.object({ kind: z.literal('error'), failure }),
    ]),
  }),
  /** It never ran: the program or the folder is not there, or the system refused. */
  z.object({ kind: z.literal('failed-to-spawn'), endedAt: instant, message: z.string() }),
  z.object({
    kind: z.literal('cancelled'),
    startedAt: instant.optional(),
    endedAt: instant,
    durationMs: duration,
    how: cancelHow,
  }),
  z.object({
    kind: z.literal('killed'),
    startedAt: instant,
    endedAt: instant,
    durationMs: duration,
    /** The number of the signal that somebody else sent. */
    signal: z.number().int().positive(),
  }),
  /** It ran longer than it was given, or waited longer: then it has no start. */
  z.object({
    kind: z.literal('timed-out'),
    startedAt: instant.optional(),
    endedAt: instant,
    durationMs: duration,
    /** What it was given, in milliseconds. */
    limitMs: duration,
    how: cancelHow,
  }),
  /** It was not started, because `run` ended otherwise than it needs. */
  z.object({ kind: z.literal('dependency-failed'), endedAt: instant, run: runId }),
  /** Offloop ended when it was about to start it: it did not run, and does so only when somebody asks again. */
  z.object({ kind: z.literal('interrupted'), endedAt: instant }),
  /** What became of it cannot be known, or its process ended under it; `message` says what is known. */
  z.object({ kind: z.literal('lost'), startedAt: instant.optional(), endedAt: instant, message: z.string() }),
])
export type RunState = z.infer<typeof runState>

/** What a query may use up before it is ended. */
export const queryBudget = z.object({
  timeoutMs: z.number().int().positive().optional(),
  rows: count.optional(),
  /** Of its result file. */
  bytes: count.optional(),
})
export type QueryBudget = z.infer<typeof queryBudget>

/** A query as the person asked for it. */
export const querySpec = z.object({
  kind: z.literal('query'),
  database: databaseAddress,
  mode: z.enum(['read-only', 'read-write']),
  sql: z.string().max(10_000_000),
  params: sqlParams.optional(),
  budget: queryBudget.optional(),
  /**
   * The run whose result this one sorts, filters or sums up, for somebody who is looking at it: it is not listed with
   * the others, and its rows are kept for as long as they are looked at and no longer.
   */
  derivedFrom: runId.optional(),
})
export type QuerySpec = z.infer<typeof querySpec>

/** A command as the person asked for it: a program with its arguments, or a line for the system's shell. */
export const commandSpec = z.object({
  kind: z.literal('command'),
  command: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('program'),
      program: z.string().min(1),
      args: z.array(z.string()).max(10_000),
    }),
    z.object({ kind: z.literal('shell'), line: z.string().min(1).max(100_000) }),
  ]),
  /** Absolute path of the working folder. */
  folder: z.string().min(1),
  /** Changes to the environment that Offloop was started with. */
  environment: z.record(z.string(), environmentChange),
  /** Nothing unless it is given; in a terminal, what is typed there. */
  standardInput: standardInput.optional(),
  /** Runs it in a terminal, of this size until somebody changes it; without one, output goes straight to a file. */
  terminal: terminalSize.optional(),
  /** Tells standard error apart from standard output, beside keeping both in one output; a terminal has but one of them. */
  separateErrors: z.boolean().optional(),
  /** The template that it was made of, and the values that were put in. */
  template: z.object({ name: z.string(), values: z.record(z.string(), hideable) }).optional(),
})
export type CommandSpec = z.infer<typeof commandSpec>

export const columnInfo = z.object({
  name: z.string(),
  /** The declared type, as written in the schema; null for an expression. */
  declaredType: z.string().nullable(),
})
export type ColumnInfo = z.infer<typeof columnInfo>

/** What a server said beside its rows, such as RAISE NOTICE. */
export const serverNotice = z.object({ severity: z.string(), message: z.string() })
export type ServerNotice = z.infer<typeof serverNotice>

/** What a query has produced so far. */
export const queryProgress = z.object({
  /** Null until the statement is prepared; empty for a statement that returns no rows. */
  columns: z.array(columnInfo).nullable(),
  rows: count,
  /** Of its result file. */
  bytes: count,
  /** Rows changed, for a statement that writes. */
  changes: count.nullable(),
  /** What a server said beside the rows; the first hundred, and how many more there were. */
  notices: z.array(serverNotice).optional(),
})
export type QueryProgress = z.infer<typeof queryProgress>

/** How far a command is, by what it writes. */
export const toldProgress = z.object({
  /** From 0 to 1; null when it only says that it is at work. */
  fraction: z.number().min(0).max(1).nullable(),
  /** Where it counts: 12 of 345. */
  counted: z.object({ done: duration, total: duration }).optional(),
  /** When it would be through at the pace of late: an estimate; null when there is none. */
  endsAt: instant.nullable(),
})
export type ToldProgress = z.infer<typeof toldProgress>

/** The most code units of a prompt that are told. */
export const MAX_PROMPT = 200

/** A command writes nothing: for longer than it may, or because it waits for input. */
export const silence = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('quiet'), since: instant }),
  /** The words before the cursor, without control characters. */
  z.object({ kind: z.literal('asks'), since: instant, prompt: z.string().max(MAX_PROMPT) }),
])
export type Silence = z.infer<typeof silence>

/** What a command has written so far, and what that says of its end. */
export const outputProgress = z.object({
  bytes: count,
  /** Lines begun; null while they have not been counted. */
  lines: count.nullable(),
  /** Bytes that were not kept, because its log had reached its limit. */
  gone: count.optional(),
  /** Its log is larger than its limit: where it lies no part of a file can be given up. */
  overLimit: z.boolean().optional(),
  /** While it runs. */
  told: toldProgress.optional(),
  /** While it runs, and only while there is something to say about it. */
  silence: silence.optional(),
  /** The median of its last runs that were done, in milliseconds, and of how many; while it runs. */
  usual: z.object({ durationMs: duration, basedOn: count }).optional(),
})
export type OutputProgress = z.infer<typeof outputProgress>

const runBase = z.object({
  id: runId,
  createdAt: instant,
  state: runState,
  /** On which terms it waits; none for a query or transfer that stands in no pool and begins at once. */
  terms: runTerms.optional(),
})

/** One execution of something slow. */
export const run = z.discriminatedUnion('kind', [
  runBase.extend({ kind: z.literal('query'), spec: querySpec, progress: queryProgress }),
  runBase.extend({
    kind: z.literal('command'),
    spec: commandSpec,
    progress: outputProgress,
    terms: runTerms,
    /** The number of its present attempt, or of its last. Output and state are that one's. */
    attempt: z.number().int().positive(),
  }),
  runBase.extend({ kind: z.literal('transfer'), spec: transferSpec, progress: transferProgress }),
])
export type Run = z.infer<typeof run>
export type QueryRun = Extract<Run, { kind: 'query' }>
export type CommandRun = Extract<Run, { kind: 'command' }>
export type TransferRun = Extract<Run, { kind: 'transfer' }>

/** Whether a run only looks at the result of another. */
export function isLook(run: Run): boolean {
  return run.kind === 'query' && run.spec.derivedFrom !== undefined
}

/** Whether a state is the run's last. */
export function isFinal(state: RunState): boolean {
  switch (state.kind) {
    case 'queued':
    case 'running':
    case 'paused':
      return false
    case 'done':
    case 'failed':
    case 'failed-to-spawn':
    case 'cancelled':
    case 'killed':
    case 'timed-out':
    case 'dependency-failed':
    case 'interrupted':
    case 'lost':
      return true
    default:
      return state satisfies never
  }
}
