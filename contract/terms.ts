import { z } from 'zod'
import { pipeId } from './pipe-id.ts'
import { runId } from './run-id.ts'

/** Chosen so that any sensible order of importance fits, and every number is exact. */
const MAX_PRIORITY = 1_000_000
/** A run that comes after more than these is better put behind one that collects them. */
const MAX_DEPENDENCIES = 1_000
/** Two or three are usual; each costs a place in a line. */
const MAX_LOCKS = 32
/** More attempts than this are a loop that nobody ends. */
const MAX_RETRIES = 1_000
/** A pause that grows tenfold is past its longest after a few. */
export const MAX_BACKOFF = 10
/** Of a pool, and the most that one system starts at once in earnest. */
const MAX_CONCURRENCY = 10_000
const MAX_CAPACITY = 1_000_000

/** Sixteen stretches of its line index: with less, cutting would never end. */
export const MIN_LOG_BYTES = 1024 ** 2

/** Milliseconds by a clock that never jumps; at most a year. */
const limit = z.number().int().min(1).max(31_622_400_000)
/** A lock's or a pool's name: a word, so that lists of them can be written with commas and spaces. */
export const schedulingName = z.string().regex(/^[^\s,]{1,64}$/u)

/** The pool of every run that names no other. It can be changed and paused, and it is never closed. */
export const DEFAULT_POOL = 'default'

/** Which end of the other run is waited for: it was done, it ended in any other way, or it ended. */
export const dependencyOn = z.enum(['success', 'failure', 'end'])
export type DependencyOn = z.infer<typeof dependencyOn>
export const dependency = z.object({ run: runId, on: dependencyOn })
export type Dependency = z.infer<typeof dependency>

/** How a run is tried again that has not ended well. A run that was cancelled is never tried again. */
export const retries = z.object({
  /** How often after the first time. */
  count: z.number().int().min(1).max(MAX_RETRIES),
  /** Before the first retry. */
  delayMs: z.number().int().nonnegative(),
  /** By which each further delay is longer than the one before; 1 keeps it. */
  backoff: z.number().min(1).max(MAX_BACKOFF),
  /** No delay is longer. */
  maxDelayMs: z.number().int().nonnegative(),
  /** The part of each delay that is left to chance, so that many do not come back at one moment: 0 to 1. */
  jitter: z.number().min(0).max(1),
  /** The ends that count. */
  on: z.array(z.enum(['failed', 'failed-to-spawn', 'killed', 'timed-out', 'lost'])).min(1),
  /** Of the failures, only those with one of these exit codes; all when it is not given. */
  exitCodes: z.array(z.number().int()).min(1).optional(),
})
export type Retries = z.infer<typeof retries>

/** The pipes that a run reads from and writes to. */
export const pipePlace = z.object({
  reads: pipeId.optional(),
  writes: pipeId.optional(),
  /** The first run of the pipe, with which it starts whatever its pool allows. */
  startsWith: runId.optional(),
})
export type PipePlace = z.infer<typeof pipePlace>

/** On which terms a run starts, and what it is given. */
export const runTerms = z.object({
  pool: schedulingName,
  /** The higher starts first; of two that are equal, the one that was asked for first. */
  priority: z.number().int().min(-MAX_PRIORITY).max(MAX_PRIORITY),
  after: z.array(dependency).max(MAX_DEPENDENCIES),
  /** No two runs that name the same lock overlap. */
  locks: z.array(schedulingName).max(MAX_LOCKS),
  /** It waits until somebody lets it go. */
  held: z.boolean(),
  /** Not before this moment: milliseconds since 1970, UTC. */
  startAt: z.number().int().optional(),
  /** Not before so much time has passed since it was asked for. */
  delayMs: limit.optional(),
  /** How long it may wait for its start. */
  waitLimitMs: limit.optional(),
  /** How long each attempt may run; the time it is paused does not count. */
  runLimitMs: limit.optional(),
  retries: retries.optional(),
  /** How much of its output is kept, in bytes: of more the middle is given up. As in the settings unless it is given. */
  logLimitBytes: z.number().int().min(MIN_LOG_BYTES).optional(),
  /** After how long without any output that is told, in milliseconds. As in the settings unless it is given. */
  quietAfterMs: limit.optional(),
  /** Whether its end is told in any case, or nothing of it ever is. As in the settings unless it is given. */
  notify: z.enum(['always', 'never']).optional(),
  /** The batch that it belongs to, and whether the batch is stopped when one of its runs has not ended well. */
  batch: z.object({ id: z.number().int().positive(), stopOnFailure: z.boolean() }).optional(),
  pipe: pipePlace.optional(),
  /** Its rows go to whoever has asked for it, without whom it does not begin. */
  forAsker: z.literal(true).optional(),
  /** The attempt from which its retries are counted: later than the first once it was restarted. */
  firstAttempt: z.number().int().positive(),
})
export type RunTerms = z.infer<typeof runTerms>

/** What an asker may say about a run; the rest is as in `DEFAULT_TERMS`. */
export const askedTerms = runTerms
  .omit({ batch: true, pipe: true, firstAttempt: true, forAsker: true })
  .partial()
export type AskedTerms = z.infer<typeof askedTerms>

/** What can be said about a query or a transfer: it is not tried again, writes no log, and has its time in its budget. */
export const waitingTerms = askedTerms.pick({
  pool: true,
  priority: true,
  after: true,
  locks: true,
  held: true,
  startAt: true,
  delayMs: true,
  waitLimitMs: true,
  notify: true,
})
export type WaitingTerms = z.infer<typeof waitingTerms>

/** What is done while a pool has no room for another run. */
export const roomTerms = z.object({
  /** `wait` unless it is given. */
  whenFull: z.enum(['wait', 'refuse']).optional(),
  /** How long to wait for room before the request fails with `queue-full`, in milliseconds. */
  roomWaitMs: z.number().int().nonnegative().optional(),
})

/** How a query or a transfer is to stand in a pool; without terms it stands in none, and begins at once. */
export const poolPlace = roomTerms.extend({ terms: waitingTerms.optional() })

/** A run starts at once unless its asker says otherwise. */
export const DEFAULT_TERMS: RunTerms = {
  pool: DEFAULT_POOL,
  priority: 0,
  after: [],
  locks: [],
  held: false,
  firstAttempt: 1,
}

/** What a person decides about a pool. */
export const poolLimits = z.object({
  /** How many of its runs may run at once; null for no limit. */
  concurrency: z.number().int().max(MAX_CONCURRENCY).nullable(),
  /** How many of its runs may wait; 0 for no limit. */
  capacity: z.number().int().nonnegative().max(MAX_CAPACITY),
})
export type PoolLimits = z.infer<typeof poolLimits>
/** What of it changes. */
export const poolChange = poolLimits.partial()
export type PoolChange = z.infer<typeof poolChange>

/** A waiting line with so many places at its end. */
export const pool = poolLimits.extend({
  name: schedulingName,
  /** Nothing of it starts. */
  paused: z.boolean(),
  /** It takes no more runs; those that it has are started as ever. */
  closed: z.boolean(),
  queued: z.number().int().nonnegative(),
  /** Runs that have a place, paused ones too. */
  running: z.number().int().nonnegative(),
  /** Askers that wait until it has room for another run. */
  waitingForRoom: z.number().int().nonnegative(),
})
export type Pool = z.infer<typeof pool>

/** A pool with its beginning: whoever runs, and who is next. Longer lines are counted in `queued` and `running`. */
export const lane = pool.extend({
  /** The lowest number first. */
  runs: z.array(runId),
  /** In the order in which they start, as far as nothing else keeps them. */
  line: z.array(runId),
})
export type Lane = z.infer<typeof lane>

/** A named lock that somebody has or wants. */
export const lockLine = z.object({
  name: schedulingName,
  /** Null while it is free. */
  holder: runId.nullable(),
  /** Those who want it and wait for nothing but locks and places, by arrival. */
  line: z.array(runId),
  waiting: z.number().int().nonnegative(),
})
export type LockLine = z.infer<typeof lockLine>
