import { spawn } from 'node:child_process'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ended, type Ended } from '../cli/offloop.ts'
import { expect, test } from './offloop.ts'

const program = join(import.meta.dirname, '..', '..', 'bin', 'offloop')

const IN_WINDOW = 10
const IN_COMMAND_LINES = 40
/** Every tenth query counts for so long; the others are done at once. */
const LONG_EVERY = 10
const LONG = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000)'

/** What "offloop history" tells of a run. */
interface Kept {
  kind: string
  spec: { sql: string }
  state: { kind: string }
}

// Forty programs that start at once starve every window of the machine: the frames of a full load are a benchmark's.
test.use({ watchesFrames: false })

test('Manager, a service for unrelated processes: 50 queries at once, from the window and command lines, on one database: none is lost, none is made twice', async ({
  offloop: { page, profile, show, runSql, stateSentence },
}) => {
  const path = join(profile, 'shared.db')
  const database = new Database(path)
  database.exec('PRAGMA journal_mode = wal; CREATE TABLE made (n INTEGER)')
  const offloop = async (...words: readonly string[]): Promise<Ended> => {
    const child = spawn(program, words, { env: { ...process.env, OFFLOOP_PROFILE: profile } })
    child.stdin.end()
    return ended(child)
  }
  // Forty first uses of a checkout would all look whether everything is built.
  expect(await offloop('databases')).toMatchObject({ status: 0 })
  const isLong = (n: number): boolean => n % LONG_EVERY === 0
  const lines = Array.from({ length: IN_COMMAND_LINES }, (_, n) =>
    isLong(n)
      ? offloop('query', path, `${LONG} SELECT max(i) + ${n} AS n FROM n`, '--format', 'csv')
      : offloop('query', path, `INSERT INTO made VALUES (${n}) RETURNING n`, '--format', 'csv'),
  )
  const marks = Array.from({ length: IN_WINDOW }, (_, n) => 1_000 + n)
  for (const [at, mark] of marks.entries()) {
    await show('databases')
    await page.getByTestId('new-query').first().click()
    await runSql(isLong(at) ? `${LONG} SELECT max(i) + ${mark} FROM n` : `SELECT ${mark} AS mark`)
  }

  const answers = await Promise.all(lines)
  for (const [n, { status, stdout }] of answers.entries()) {
    const value = isLong(n) ? 3_000_000 + n : n
    expect([n, status, stdout]).toEqual([n, 0, `n\n${value}\n`])
  }
  await expect(stateSentence).toContainText('1 row in')
  const made = database.prepare('SELECT n FROM made ORDER BY n').pluck().all()
  database.close()
  expect(made).toEqual(answers.flatMap((_, n) => (isLong(n) ? [] : [n])))

  const kept = async (): Promise<Kept[]> => {
    const { stdout } = await offloop('history', '--json', '--limit', '200')
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Kept)
      .filter(({ kind }) => kind === 'query')
  }
  const states = async (): Promise<string[]> => (await kept()).map(({ state }) => state.kind)
  await expect.poll(states).toEqual(Array<string>(IN_WINDOW + IN_COMMAND_LINES).fill('done'))
  const texts = (await kept()).map(({ spec: { sql } }) => sql)
  expect(new Set(texts).size).toBe(IN_WINDOW + IN_COMMAND_LINES)
})
