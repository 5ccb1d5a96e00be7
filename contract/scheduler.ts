import { z } from 'zod'
import { bytes } from './bytes.ts'
import { call, stream } from './channel.ts'
import { commandSpec, run, runId, runState } from './run.ts'
import { schedule, scheduleContent, timing } from './schedule.ts'
import { keptWhere } from './supervision.ts'
import { terminalSize } from './terminal.ts'
import {
  askedTerms,
  lane,
  lockLine,
  pool,
  poolChange,
  poolLimits,
  roomTerms,
  schedulingName,
} from './terms.ts'

/** More runs than this are several batches, or several waits. */
const MAX_RUNS_AT_ONCE = 100_000
/** The most bytes that one `input.send` takes: several buffers of a pipe, and a frame that delays no other for long. */
export const MAX_SEND_BYTES = 256 * 1024

/** More than a form shows. */
const MAX_OCCASIONS = 10

const duration = z.number().int().nonnegative()
const index = z.number().int().nonnegative()
const runs = z.array(runId).min(1).max(MAX_RUNS_AT_ONCE)

/** A command and how it is to be run. */
export const commandRequest = commandSpec.extend({
  terms: askedTerms.optional(),
  /**
   * The whole environment of whoever asks; `environment` is then a change to that, and Offloop's own plays no part. It is
   * kept for the run and never told to anybody.
   */
  callerEnvironment: z.record(z.string(), z.string()).optional(),
  /** Instead: the environment that this run had. */
  environmentOf: runId.optional(),
  ...roomTerms.shape,
})
export type CommandRequest = z.infer<typeof commandRequest>

/** How one attempt at a run went, or goes. */
export const attempt = z.object({ number: z.number().int().positive(), state: runState })

/** What the service answers about waiting, and about the order in which runs start. */
export const serviceScheduler = {
  /**
   * Adds a command. Answered once its run is on disk and waits, or has begun, or could not begin; it then goes on whatever
   * happens to the asker. Fails with `queue-full`, with `not-found` for an unknown pool or run to come after, and with
   * `invalid-params` for a closed pool; nothing was added then.
   */
  'command.run': call(commandRequest, run),
  /**
   * Adds commands that belong together, in the order given. Once one of them has not ended well the others are cancelled,
   * if `onFailure` says so.
   */
  'batch.run': call(
    z.object({
      commands: z.array(commandRequest).min(1).max(MAX_RUNS_AT_ONCE),
      onFailure: z.enum(['go-on', 'stop']),
    }),
    z.object({ batch: index, runs: z.array(run) }),
  ),
  /**
   * Waits for runs, and cancels nothing: whatever has not ended at the deadline is simply not finished. Both lists are in
   * the order in which the runs were named.
   */
  'runs.wait': call(
    z.object({
      ids: runs,
      /** For all of them, for the first that has ended, or for the first that has not ended well (or all). */
      until: z.enum(['all', 'first', 'first-failure']),
      deadlineMs: duration.optional(),
    }),
    z.object({ finished: z.array(run), unfinished: z.array(run) }),
  ),

  /** As `run.cancel`, without giving a command time to end by itself. */
  'run.kill': call(z.object({ id: runId }), run),
  /** Halts a command with all its processes, or holds a run that waits in a pool. */
  'run.pause': call(z.object({ id: runId }), run),
  /** Lets it go on. */
  'run.resume': call(z.object({ id: runId }), run),
  /** Runs a command again that has ended: as another attempt of the same run, or as a new run. */
  'run.restart': call(z.object({ id: runId, as: z.enum(['in-place', 'as-new']) }), run),
  /**
   * Changes a run that waits in a pool; what is not given stays. Of a query or transfer only the terms change. Fails with
   * `invalid-params` when a cycle would come about.
   */
  'run.edit': call(
    z.object({
      id: runId,
      spec: commandSpec.optional(),
      terms: askedTerms,
      /** Terms that hold no longer. */
      without: z
        .array(
          z.enum(['startAt', 'delayMs', 'waitLimitMs', 'runLimitMs', 'quietAfterMs', 'notify', 'retries']),
        )
        .optional(),
    }),
    run,
  ),
  /** Every attempt of a run, the present one last. */
  'run.attempts': call(z.object({ id: runId }), z.object({ attempts: z.array(attempt) })),
  /** Changes the size of a terminal in which a command runs. Fails with `invalid-params` when there is none. */
  'terminal.resize': call(z.object({ id: runId, size: terminalSize }), z.object({})),

  /**
   * Where secrets of commands are kept: with `memory`, a command that waits cannot be started once Offloop has ended.
   */
  'secrets.where': call(z.object({}), z.object({ kept: keptWhere })),
  /**
   * The environment that a new command gets, to be changed; null in place of what looks secret. With `run`, the one that this
   * run has: where its asker gave it that (`of` says so), there are the names alone. Fails with `not-found` when its secrets
   * cannot be opened any more.
   */
  'environment.list': call(
    z.object({ run: runId.optional() }),
    z.object({ variables: z.record(z.string(), z.string().nullable()), of: z.enum(['offloop', 'asker']) }),
  ),
  /** The value of one of them, however secret it looks: somebody has asked to see it. Fails with `not-found`. */
  'environment.reveal': call(z.object({ name: z.string() }), z.object({ value: z.string() })),

  /** Takes a run out of the history, with its output. */
  'run.delete': call(z.object({ id: runId }), z.object({})),

  /**
   * Sends bytes to the standard input of a command that runs and has an open one, and closes that after them when `end` says
   * so; in a terminal they are typed, and the end is Ctrl-D. Answered when the system has taken them: a command that does not read makes its sender wait, and they reach it even
   * if Offloop ends. Fails with `invalid-params` for any other run, and when the command does not read any more.
   */
  'input.send': call(
    z.object({ id: runId, bytes: bytes.refine(({ length }) => length <= MAX_SEND_BYTES), end: z.boolean() }),
    z.object({}),
  ),

  /**
   * Runs a command again and again. Each occasion comes at most once, whatever happens to the clock, and an occasion that
   * finds its pool full or closed passes.
   */
  'schedule.add': call(
    scheduleContent.extend({ callerEnvironment: z.record(z.string(), z.string()).optional() }),
    schedule,
  ),
  'schedules.list': call(z.object({}), z.object({ schedules: z.array(schedule) })),
  /** Lets a schedule fire no more, or again from its next occasion on. */
  'schedule.turn': call(z.object({ id: z.number().int().positive(), on: z.boolean() }), schedule),
  /** The next occasions of a schedule that there may be: milliseconds since 1970. Fails with `invalid-params`. */
  'schedule.occasions': call(
    z.object({ timing, count: z.number().int().min(1).max(MAX_OCCASIONS) }),
    z.object({ at: z.array(z.number().int()) }),
  ),
  'schedule.remove': call(z.object({ id: z.number().int().positive() }), z.object({})),

  'pools.list': call(z.object({}), z.object({ pools: z.array(pool) })),
  /** The pools with the beginnings of their lines, and the locks: now, and when something of it has changed. */
  'pools.watch': stream(
    z.object({}),
    z.object({ pools: z.array(lane), locks: z.array(lockLine) }),
    z.object({}),
  ),
  'pool.add': call(poolLimits.extend({ name: schedulingName }), pool),
  /** Changes its limits. Whatever runs goes on. */
  'pool.set': call(poolChange.extend({ name: schedulingName }), pool),
  /**
   * `pause` starts nothing more of it until `resume`; `close` takes no more runs until `open`; `terminate` closes it and
   * cancels whatever it has, and is answered before that has ended.
   */
  'pool.change': call(
    z.object({ name: schedulingName, how: z.enum(['pause', 'resume', 'close', 'open', 'terminate']) }),
    pool,
  ),
  /** Answered when a closed pool has nothing left. */
  'pool.join': call(z.object({ name: schedulingName }), pool),
}
