import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { closeHistory, openHistory, refreshHistory } from './open-history.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', '..', 'resources', 'migrations')
const DAY_MS = 86_400_000
const MARCH = Date.UTC(2026, 2, 1)

/** A profile with a history, as the service writes it. */
function makeProfile() {
  const folder = mkdtempSync(join(tmpdir(), 'offloop-history-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const db = new Database(join(folder, 'offloop.db'))
  onTestFinished(() => void db.close())
  db.pragma('journal_mode = WAL')
  for (const name of readdirSync(MIGRATIONS).sort()) db.exec(readFileSync(join(MIGRATIONS, name), 'utf8'))
  const insert = db.prepare(
    `INSERT INTO runs (kind, created_at, spec, state_kind, state, progress, terms)
     VALUES ('command', @at, @spec, @kind, @state, '{"bytes":6,"lines":2}', @terms)`,
  )
  return {
    folder,
    db,
    /** @returns its number */
    add(line: string, at: number, durationMs: number | undefined, terms: object = {}): number {
      const state =
        durationMs === undefined
          ? { kind: 'running', startedAt: at, stopping: false, adopted: false }
          : { kind: 'done', startedAt: at, endedAt: at + durationMs, durationMs }
      const spec = {
        kind: 'command',
        command: { kind: 'shell', line },
        folder: '/work',
        environment: { API_TOKEN: 'secret' },
      }
      const all = { pool: 'default', priority: 0, after: [], locks: [], ...terms }
      const { lastInsertRowid } = insert.run({
        at,
        kind: state.kind,
        spec: JSON.stringify(spec),
        state: JSON.stringify(state),
        terms: JSON.stringify(all),
      })
      return Number(lastInsertRowid)
    },
    write(run: number, attempt: number, name: string, content: string | Buffer): void {
      mkdirSync(join(folder, 'runs', String(run), String(attempt)), { recursive: true })
      writeFileSync(join(folder, 'runs', String(run), String(attempt), name), content)
    },
    async open() {
      const history = await openHistory(folder)
      onTestFinished(() => {
        closeHistory(history)
        history.close()
      })
      return history
    },
  }
}

test('which of my builds got slower this month is one query', async () => {
  const profile = makeProfile()
  for (let day = 0; day < 20; day += 1) {
    profile.add('make app', MARCH + day * DAY_MS, day < 10 ? 60_000 : 90_000)
    profile.add('make docs', MARCH + day * DAY_MS, 5_000)
  }
  const history = await profile.open()
  const slower = history
    .prepare(
      `SELECT text, avg(duration_ms) FILTER (WHERE started_at >= '2026-03-11') /
                    avg(duration_ms) FILTER (WHERE started_at < '2026-03-11') AS factor
       FROM runs WHERE state = 'done' AND started_at >= '2026-03-01' GROUP BY text HAVING factor > 1.1`,
    )
    .all()
  expect(slower).toEqual([{ text: 'make app', factor: 1.5 }])
})

test('each statement sees the history as it is: what has ended, was added, run again or deleted', async () => {
  const profile = makeProfile()
  const first = profile.add('sleep 5', MARCH, undefined, { after: [{ run: 7, on: 'end' }], locks: ['gpu'] })
  profile.add('true', MARCH, 10)
  const history = await profile.open()
  const look = async (): Promise<unknown[]> => {
    await refreshHistory(history)
    return history.prepare('SELECT id, state, attempts FROM runs ORDER BY id').raw().all()
  }
  expect(await look()).toEqual([
    [first, 'running', 1],
    [2, 'done', 1],
  ])
  expect(
    history.prepare('SELECT after_run, needs, name FROM dependencies JOIN locks USING (run_id)').raw().all(),
  ).toEqual([[7, 'end', 'gpu']])
  profile.db.exec(`UPDATE runs SET state_kind = 'done', state = '{"kind":"done","durationMs":1}' WHERE id = 1;
    DELETE FROM runs WHERE id = 2;
    INSERT INTO transitions VALUES (1, 0, ${MARCH}, '{"kind":"queued"}')`)
  profile.add('false', MARCH, 3)
  expect(await look()).toEqual([
    [1, 'done', 1],
    [3, 'done', 1],
  ])
  expect(history.prepare('SELECT at, state FROM transitions').raw().all()).toEqual([
    ['2026-03-01 00:00:00.000', 'queued'],
  ])
  profile.db
    .exec(`INSERT INTO attempts VALUES (1, 1, '{"kind":"failed","cause":{"kind":"exit","exitCode":4}}');
    UPDATE runs SET attempt = 2 WHERE id = 1`)
  expect((await look())[0]).toEqual([1, 'done', 2])
  expect(
    history.prepare('SELECT number, state, exit_code FROM attempts WHERE run_id = 1').raw().all(),
  ).toEqual([
    [1, 'failed', 4],
    [2, 'done', null],
  ])
})

test('lines of output and samples are rows, of the latest attempt unless another is named', async () => {
  const profile = makeProfile()
  const run = profile.add('build', MARCH, 10)
  profile.db.exec('UPDATE runs SET attempt = 2')
  profile.write(run, 1, 'output', 'first\n')
  profile.write(run, 2, 'output', `${'x'.repeat(300_000)}\nerror: 磁盘\nlast`)
  const seen = Buffer.alloc(24)
  seen.writeDoubleLE(300_010, 0)
  seen.writeDoubleLE(MARCH, 8)
  seen.writeDoubleLE(MARCH + 250, 16)
  profile.write(run, 2, 'times', seen)
  const sample = Buffer.alloc(40)
  sample.writeDoubleLE(MARCH, 0)
  sample.writeFloatLE(1.5, 8)
  sample.writeDoubleLE(4096, 16)
  sample.writeDoubleLE(NaN, 24)
  profile.write(run, 2, 'usage', Buffer.concat([sample, Buffer.alloc(7)]))
  const history = await profile.open()
  const all = (sql: string): unknown[] => history.prepare(sql).raw().all()
  expect(all(`SELECT number, text FROM output_lines(${run}) WHERE number > 1`)).toEqual([
    [2, 'error: 磁盘'],
    [3, 'last'],
  ])
  expect(all(`SELECT text, arrived_at FROM output_lines(${run}, 1)`)).toEqual([['first', null]])
  expect(all(`SELECT arrived_at FROM output_lines(${run})`)).toEqual([
    ['2026-03-01 00:00:00.250'],
    ['2026-03-01 00:00:00.250'],
    [null],
  ])
  expect(
    all(
      `SELECT runs.id, l.number FROM runs JOIN output_lines AS l ON l.run_id = runs.id WHERE l.text LIKE 'error%'`,
    ),
  ).toEqual([[run, 2]])
  expect(all(`SELECT at, cores, memory_bytes, read_bytes FROM samples(${run})`)).toEqual([
    ['2026-03-01 00:00:00.000', 1.5, 4096, null],
  ])
  expect(all('SELECT * FROM output_lines(99)')).toEqual([])
  expect(() => all('SELECT * FROM output_lines')).toThrow('needs the number of a run')
})

test('a query that is being read keeps the log of the app database from nothing', async () => {
  const profile = makeProfile()
  for (let n = 0; n < 3_000; n += 1) profile.add(`echo ${n}`, MARCH, n)
  const history = await profile.open()
  const rows = history.prepare('SELECT * FROM runs').iterate()
  rows.next()
  profile.add('more', MARCH, 1)
  expect(profile.db.pragma('wal_checkpoint(TRUNCATE)')).toEqual([{ busy: 0, log: 0, checkpointed: 0 }])
  rows.return?.()
})

test('the history can only be read, and tells no environment', async () => {
  const profile = makeProfile()
  profile.add('env', MARCH, 1)
  const history = await profile.open()
  expect(() => history.exec('DELETE FROM runs')).toThrow('readonly')
  expect(JSON.stringify(history.prepare('SELECT * FROM runs').all())).not.toContain('secret')
  expect(() => history.prepare('SELECT * FROM environments')).toThrow('no such table')
})

test('a folder without a history is refused', async () => {
  await expect(openHistory('/nowhere')).rejects.toMatchObject({ code: 'not-found' })
})
