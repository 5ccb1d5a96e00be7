import { z } from 'zod'
import {
  schedule as scheduleShape,
  type Schedule,
  type ScheduleContent,
  type Timing,
} from '#contract/schedule.ts'
import { failed } from '#kit/request-failed.ts'
import type { AppDatabase } from '../app-database/client.ts'
import type { ScheduleRow } from '../app-database/schedule-operations.ts'
import { createAlarm, machineClock } from './alarm.ts'
import { createDues, type Due, type Now } from './dues.ts'
import { nextOccasion } from './next-occasion.ts'
import type { RunRequest } from './run-request.ts'

/** An occasion that is found so much later was missed: a machine under load is late by less, one that slept by more. */
const MISSED_AFTER_MS = 90_000

export interface SchedulesOptions {
  readonly database: AppDatabase
  readonly run: (request: RunRequest) => Promise<unknown>
  readonly onTrouble: (message: string, cause?: unknown) => void
  readonly clock?: () => Now
}

/** Commands that are run again and again. */
export interface Schedules {
  /** @throws RequestFailed `invalid-params` for a line or a zone that is none. */
  add(content: ScheduleContent, environment: string | undefined): Promise<Schedule>
  list(): Schedule[]
  /** Ends a schedule; its runs stay. @throws RequestFailed `not-found` */
  remove(id: number): Promise<void>
  /** Lets a schedule rest, or fire from its next occasion on. @throws RequestFailed `not-found`, `invalid-params` */
  turn(id: number, on: boolean): Promise<Schedule>
  /** The next occasions of a schedule that there may be. @throws RequestFailed `invalid-params` */
  occasions(timing: Timing, count: number): number[]
  /** Takes up those of an earlier service. */
  restore(): Promise<void>
  /** Looks at the clocks now; also called when the next occasion is due. */
  look(): void
  close(): void
}

interface Entry {
  schedule: Schedule
  /** As a vault stores it. */
  readonly environment: string | undefined
  due: Due<number> | undefined
}

/** Opens the schedules over the app database. */
export function openSchedules(options: SchedulesOptions): Schedules {
  const { database, run, onTrouble } = options
  const clock = options.clock ?? machineClock
  const entries = new Map<number, Entry>()
  const dues = createDues<number>()
  const alarm = createAlarm(clock, look)
  let closed = false

  /** Sets when a schedule fires next. An interval is measured by the clock that does not jump. */
  function arrange(entry: Entry, nextAt: number | null, now: Now): void {
    const { id, timing } = entry.schedule
    entry.schedule = { ...entry.schedule, nextAt }
    if (entry.due) dues.delete(entry.due)
    entry.due = undefined
    if (nextAt === null) return
    const isInterval = timing.kind === 'every'
    const at = isInterval ? now.mono + Math.min(Math.max(0, nextAt - now.wall), timing.everyMs) : nextAt
    entry.due = dues.add({ clock: isInterval ? 'mono' : 'wall', at, what: id })
  }

  function look(): void {
    if (closed) return
    const now = clock()
    for (let id = dues.take(now); id !== undefined; id = dues.take(now)) {
      const entry = entries.get(id)
      if (entry) fire(entry, now)
    }
    alarm.set(dues.next())
  }

  /** The next occasion is on disk before this one runs: after a crash between the two this one is missed, never doubled. */
  function fire(entry: Entry, now: Now): void {
    const { id, timing, missed, nextAt, command, terms } = entry.schedule
    const wasMissed = timing.kind === 'cron' && now.wall - (nextAt ?? now.wall) > MISSED_AFTER_MS
    const next = nextOf(timing, Math.max(now.wall, nextAt ?? 0))
    entry.due = undefined
    arrange(entry, next, now)
    database
      .ask('schedule.setNext', { id, nextAt: next })
      .then(async () => {
        if (wasMissed && missed === 'skip') return
        await run({ spec: command, terms, environment: entry.environment, whenFull: 'refuse' })
      })
      .catch((error: unknown) => onTrouble(`An occasion of schedule ${id} has passed without a run.`, error))
  }

  function accept(row: ScheduleRow): void {
    const content: unknown = JSON.parse(row.content)
    const parsed = scheduleShape.safeParse({
      ...z.looseObject({}).parse(content),
      id: row.id,
      nextAt: row.next_at,
    })
    if (!parsed.success) return onTrouble(`Schedule ${row.id} is not stored as it should be.`)
    const environment = row.variables ?? undefined
    entries.set(row.id, { schedule: parsed.data, environment, due: undefined })
  }

  return {
    async add(content, environment) {
      const now = clock()
      const nextAt = nextOf(content.timing, now.wall)
      if (nextAt === null)
        throw failed('invalid-params', 'This never comes: there is no such day. Give another line.')
      const id = await database.ask('schedule.add', {
        content: JSON.stringify(content),
        variables: environment ?? null,
        nextAt,
      })
      const entry: Entry = { schedule: { ...content, id, nextAt }, environment, due: undefined }
      entries.set(id, entry)
      arrange(entry, nextAt, now)
      look()
      return entry.schedule
    },

    list: () => [...entries.values()].map(({ schedule }) => schedule),

    async remove(id) {
      const entry = entries.get(id)
      if (!entry) throw failed('not-found', `There is no schedule ${id}.`)
      if (entry.due) dues.delete(entry.due)
      entries.delete(id)
      await database.ask('schedule.remove', { id })
      look()
    },

    async turn(id, on) {
      const entry = entries.get(id)
      if (!entry) throw failed('not-found', `There is no schedule ${id}.`)
      const now = clock()
      const nextAt = on ? (entry.schedule.nextAt ?? nextOf(entry.schedule.timing, now.wall)) : null
      await database.ask('schedule.setNext', { id, nextAt })
      arrange(entry, nextAt, now)
      look()
      return entry.schedule
    },

    occasions(timing, count) {
      const at: number[] = []
      let after = clock().wall
      while (at.length < count) {
        const next = nextOf(timing, after)
        if (next === null) break
        at.push(next)
        after = next
      }
      return at
    },

    async restore() {
      const now = clock()
      for (const row of await database.ask('schedule.list')) accept(row)
      for (const entry of entries.values()) {
        const { nextAt, missed, timing } = entry.schedule
        // An interval that was over while nobody was there is as much missed as a time of day.
        const wasMissed = nextAt !== null && nextAt < now.wall && timing.kind === 'every'
        arrange(entry, wasMissed && missed === 'skip' ? nextOf(timing, now.wall) : nextAt, now)
      }
      look()
    },

    look,

    close() {
      closed = true
      alarm.close()
    },
  }
}

function nextOf(timing: Timing, after: number): number | null {
  switch (timing.kind) {
    case 'every':
      return Math.round(after) + timing.everyMs
    case 'cron':
      return nextOccasion(timing.line, timing.zone, after) ?? null
    default:
      return timing satisfies never
  }
}
