import { expect, onTestFinished, test } from 'vitest'
import type { ScheduleContent } from '#contract/schedule.ts'
import { openFixture, temporaryFolder } from '../app-database/database-fixture.ts'
import type { AppDatabase } from '../app-database/client.ts'
import type { RunRequest } from './run-request.ts'
import { openSchedules } from './open-schedules.ts'

const HOUR_MS = 3_600_000
const NOON = Date.UTC(2026, 2, 1, 12)

function content(timing: ScheduleContent['timing'], missed: ScheduleContent['missed']): ScheduleContent {
  const command = { kind: 'shell' as const, line: 'true' }
  return { command: { kind: 'command', command, folder: '/', environment: {} }, terms: {}, timing, missed }
}
const hourly = content({ kind: 'cron', line: '0 * * * *', zone: 'UTC' }, 'run-once')

/** Schedules of a database, with clocks that the test turns. */
async function open(database: AppDatabase, wall = NOON) {
  let now = { wall, mono: 0 }
  const fired: RunRequest[] = []
  const schedules = openSchedules({
    database,
    run: async (request) => void fired.push(request),
    onTrouble: (message) => expect.fail(message),
    clock: () => now,
  })
  await schedules.restore()
  onTestFinished(() => schedules.close())
  /** Answers how often they have fired since the last look. */
  async function look(): Promise<number> {
    schedules.look()
    // Whatever was asked of the database before this has been answered.
    await database.ask('schedule.list')
    await new Promise((resolve) => setImmediate(resolve))
    return fired.splice(0).length
  }
  return {
    ...schedules,
    fired,
    look,
    pass: (ms: number) => ((now = { wall: now.wall + ms, mono: now.mono + ms }), look()),
    jump: (ms: number) => ((now = { ...now, wall: now.wall + ms }), look()),
  }
}

test('a schedule that is turned off does not fire, and goes on with its next occasion', async () => {
  const database = await openFixture(await temporaryFolder())
  const { add, turn, list, pass } = await open(database)
  const { id } = await add(hourly, undefined)
  expect((await turn(id, false)).nextAt).toBeNull()
  expect(await pass(3 * HOUR_MS)).toBe(0)
  expect((await turn(id, true)).nextAt).toBe(NOON + 4 * HOUR_MS)
  expect(list()).toHaveLength(1)
  expect(await pass(HOUR_MS)).toBe(1)
})

test('the next occasions of a schedule are told before there is one', async () => {
  const { occasions } = await open(await openFixture(await temporaryFolder()))
  expect(occasions(hourly.timing, 3)).toEqual([1, 2, 3].map((hours) => NOON + hours * HOUR_MS))
  expect(() => occasions({ kind: 'cron', line: 'often', zone: 'UTC' }, 3)).toThrow('five fields')
})

test('each occasion fires once, however the clock jumps', async () => {
  const schedules = await open(await openFixture(await temporaryFolder()))
  expect(await schedules.add(hourly, undefined)).toMatchObject({ id: 1, nextAt: NOON + HOUR_MS })
  expect(await schedules.pass(HOUR_MS - 1)).toBe(0)
  expect(await schedules.pass(1)).toBe(1)
  expect(await schedules.jump(-HOUR_MS)).toBe(0)
  expect(await schedules.pass(HOUR_MS)).toBe(0)
  expect(await schedules.pass(HOUR_MS)).toBe(1)
  expect(await schedules.jump(30 * HOUR_MS)).toBe(1)
  expect(schedules.list()[0]?.nextAt).toBe(NOON + 33 * HOUR_MS)
})

test('occasions that were missed are one run, or none, as asked; also after a restart', async () => {
  const database = await openFixture(await temporaryFolder())
  const first = await open(database)
  await first.add(hourly, JSON.stringify({ KEPT: 'yes' }))
  await first.add({ ...hourly, missed: 'skip' }, undefined)
  await first.add(content({ kind: 'every', everyMs: HOUR_MS }, 'skip'), undefined)
  await first.add(content({ kind: 'every', everyMs: HOUR_MS }, 'run-once'), undefined)
  first.close()
  const second = await open(database, NOON + 9.5 * HOUR_MS)
  await database.ask('schedule.list')
  await expect.poll(() => second.fired.length).toBe(2)
  expect(second.fired.map(({ environment }) => environment)).toContainEqual(JSON.stringify({ KEPT: 'yes' }))
  second.fired.splice(0)
  expect(second.list().map(({ nextAt }) => ((nextAt ?? 0) - NOON) / HOUR_MS)).toEqual([10, 10, 10.5, 10.5])
  expect(await second.pass(HOUR_MS / 2)).toBe(2)
})

test('an interval is measured by a clock that does not jump', async () => {
  const schedules = await open(await openFixture(await temporaryFolder()))
  await schedules.add(content({ kind: 'every', everyMs: HOUR_MS }, 'run-once'), undefined)
  expect(await schedules.jump(10 * HOUR_MS)).toBe(0)
  expect(await schedules.pass(HOUR_MS)).toBe(1)
  expect(await schedules.jump(-20 * HOUR_MS)).toBe(0)
  expect(await schedules.pass(HOUR_MS)).toBe(1)
})

test('what never comes, or is no line, is refused; what was removed does not fire', async () => {
  const schedules = await open(await openFixture(await temporaryFolder()))
  const never = content({ kind: 'cron', line: '0 0 31 4 *', zone: 'UTC' }, 'skip')
  await expect(schedules.add(never, undefined)).rejects.toThrow('This never comes')
  await expect(
    schedules.add(content({ kind: 'cron', line: 'x', zone: 'UTC' }, 'skip'), undefined),
  ).rejects.toThrow('no line of a crontab')
  const { id } = await schedules.add(hourly, undefined)
  await schedules.remove(id)
  expect(await schedules.pass(2 * HOUR_MS)).toBe(0)
  await expect(schedules.remove(id)).rejects.toThrow('no schedule')
})
