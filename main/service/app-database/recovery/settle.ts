import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import type { CommandSpec, RunState } from '#contract/run.ts'
import { DEFAULT_TERMS } from '#contract/terms.ts'
import { NO_OUTPUT } from '../../runs/stored-run.ts'
import { systemCode } from '../../platform/system-code.ts'

/** The start of it was intended: what became of it is looked up in the records of its attempt. */
const STARTING: RunState = { kind: 'queued', reasons: [{ kind: 'starting' }] }
/** Nothing happens when it is run again. */
const LOST_LINE = '# Started after the backup that was put back: what it was is not known.'

/** How a database was brought together with what lies in its profile. */
export interface Settled {
  readonly held: number
  readonly found: number
  readonly schedules: number
}

interface StoredCommand {
  readonly attempt: number
  readonly state_kind: string
}

/**
 * Brings a database that is older than what lies in its profile together with that. No run starts twice: a command whose
 * attempt has a folder was started since, whatever the database says, and its records tell what became of it; what waits
 * is held and schedules are off, until somebody lets them go. Commands that the database knows nothing of are added, with
 * their output and their end. No number is given a second time.
 * @param profile absolute path of the folder with `runs/`, `results/` and `pipes/`
 */
export async function settle(db: Database, profile: string): Promise<Settled> {
  const attempts = await attemptsIn(join(profile, 'runs'))
  const results = await numbersIn(join(profile, 'results'))
  const pipes = await numbersIn(join(profile, 'pipes'))

  const highest = Number(
    db.prepare('SELECT ifnull(max(seq), 0) FROM sqlite_sequence WHERE name = ?').pluck().get('runs'),
  )
  const command = db.prepare<[number], StoredCommand>(
    "SELECT attempt, state_kind FROM runs WHERE id = ? AND kind = 'command'",
  )
  const begin = db.prepare("UPDATE runs SET attempt = ?, state = ?, state_kind = 'queued' WHERE id = ?")
  const add = db.prepare(
    `INSERT INTO runs (id, kind, created_at, spec, state_kind, state, progress, terms, attempt)
     VALUES (?, 'command', ?, ?, 'queued', ?, ?, ?, ?)`,
  )
  const hold = db.prepare(
    `UPDATE runs SET terms = json_set(terms, '$.held', json('true'))
     WHERE state_kind = 'queued' AND terms IS NOT NULL AND state <> ?`,
  )
  const rest = db.prepare('UPDATE schedules SET next_at = NULL WHERE next_at IS NOT NULL')
  const spec: CommandSpec = {
    kind: 'command',
    command: { kind: 'shell', line: LOST_LINE },
    folder: profile,
    environment: {},
  }

  return db
    .transaction(() => {
      let found = 0
      for (const { id, attempt, at } of attempts) {
        const stored = command.get(id)
        const isNewer =
          stored &&
          (attempt > stored.attempt || (attempt === stored.attempt && stored.state_kind === 'queued'))
        if (isNewer) begin.run(attempt, JSON.stringify(STARTING), id)
        if (id <= highest) continue
        const words = [spec, STARTING, NO_OUTPUT, DEFAULT_TERMS].map((value) => JSON.stringify(value))
        add.run(id, at, ...words, attempt)
        found += 1
      }
      const held = hold.run(JSON.stringify(STARTING)).changes
      const schedules = rest.run().changes
      keepAbove(db, 'runs', [...attempts.map(({ id }) => id), ...results])
      keepAbove(db, 'pipes', pipes)
      return { held, found, schedules }
    })
    .immediate()
}

/** Has the next number of a table come after all of those. */
function keepAbove(db: Database, table: string, numbers: readonly number[]): void {
  const highest = numbers.reduce((most, number) => Math.max(most, number), 0)
  const { changes } = db
    .prepare('UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?')
    .run(highest, table)
  if (changes === 0) db.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)').run(table, highest)
}

/** The last attempt of each run that has a folder, and when that was made. */
async function attemptsIn(folder: string): Promise<{ id: number; attempt: number; at: number }[]> {
  const found: { id: number; attempt: number; at: number }[] = []
  for (const id of await numbersIn(folder)) {
    const attempt = Math.max(0, ...(await numbersIn(join(folder, String(id)))))
    if (attempt === 0) continue
    const { mtimeMs } = await stat(join(folder, String(id), String(attempt)))
    found.push({ id, attempt, at: Math.round(mtimeMs) })
  }
  return found
}

/** The names in a folder that are numbers. */
async function numbersIn(folder: string): Promise<number[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => /^[1-9]\d{0,14}$/.test(name)).map(Number)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return []
    throw error
  }
}
