import type { Database } from 'better-sqlite3'

/** A run as the database has it: JSON texts, not yet validated. */
export interface RunRow {
  readonly id: number
  readonly kind: string
  readonly created_at: number
  readonly spec: string
  readonly state: string
  readonly progress: string
  /** Null for whatever does not wait in a pool. */
  readonly terms: string | null
  readonly attempt: number
}

/** A run that is being added. */
export interface NewRun {
  readonly kind: string
  readonly createdAt: number
  readonly spec: string
  readonly stateKind: string
  readonly state: string
  readonly progress: string
  readonly terms: string | null
  /** The whole environment that its asker has given it, as JSON; null for Offloop's own. */
  readonly environment: string | null
}

/** A run without a final state, with the number of its steps so far and the moment of the last. */
export interface UnfinishedRow extends RunRow {
  readonly transitions: number
  readonly stepped_at: number | null
}

/** A change of a run that ended an attempt, or that somebody has asked for. */
export interface RunChange {
  readonly id: number
  readonly spec: string
  readonly terms: string
}

/** A step in a run's life; `sequence` counts from 0 within the run. */
export interface StoredTransition {
  readonly sequence: number
  readonly at: number
  readonly state: string
}

/** A list ends early when it has grown to this many bytes of text, because a single query's text may have 10 MB. */
const MAX_LIST_BYTES = 8 * 1024 * 1024

/** How many runs back the history of a query or command is looked for; older durations say little about today's data. */
const HISTORY_RUNS = 2_000
/** JSON writes a byte of text in at most 6, and a spec has its other fields beside the SQL. */
const MAX_JSON_EXPANSION = 6
const MAX_OTHER_FIELDS_BYTES = 100_000

const COLUMNS = 'id, kind, created_at, spec, state, progress, terms, attempt'

export function runOperations(db: Database) {
  const insert = db.prepare<[string, number, string, string, string, string, string | null, number | null]>(
    `INSERT INTO runs (kind, created_at, spec, state_kind, state, progress, terms, environment)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const amend = db.prepare<[string, string, number]>('UPDATE runs SET spec = ?, terms = ? WHERE id = ?')
  const addAttempt = db.prepare<[number, number, string]>(
    'INSERT INTO attempts (run_id, number, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const setAttempt = db.prepare<[number, number]>('UPDATE runs SET attempt = ? WHERE id = ?')
  const attempts = db.prepare<[number], { number: number; state: string }>(
    'SELECT number, state FROM attempts WHERE run_id = ? ORDER BY number',
  )
  const countSteps = db.prepare<[number], number>('SELECT count(*) FROM transitions WHERE run_id = ?').pluck()
  const keepEnvironment = db.prepare<[string]>(
    'INSERT INTO environments (variables) VALUES (?) ON CONFLICT DO NOTHING',
  )
  const findEnvironment = db
    .prepare<[string], number>('SELECT id FROM environments WHERE variables = ?')
    .pluck()
  const environment = db
    .prepare<[number], string>(
      'SELECT variables FROM environments WHERE id = (SELECT environment FROM runs WHERE id = ?)',
    )
    .pluck()
  const remove = db.prepare<[number]>('DELETE FROM runs WHERE id = ?')
  const update = db.prepare<[string, string, string, number]>(
    'UPDATE runs SET state_kind = ?, state = ?, progress = ? WHERE id = ?',
  )
  const append = db.prepare<[number, number, number, string]>(
    'INSERT INTO transitions (run_id, sequence, at, state) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const select = db.prepare<[number], RunRow>(`SELECT ${COLUMNS} FROM runs WHERE id = ?`)
  // Looks at a result are no part of the history. Only a spec that seems to be one is parsed.
  const newest = db.prepare<[number, number], RunRow>(
    `SELECT ${COLUMNS} FROM runs
     WHERE id < ? AND CASE WHEN instr(spec, '"derivedFrom":') > 0 AND json_valid(spec)
                           THEN json_extract(spec, '$.derivedFrom') IS NULL ELSE true END
     ORDER BY id DESC LIMIT ?`,
  )
  const unfinished = db.prepare<[], UnfinishedRow>(
    `SELECT ${COLUMNS}, (SELECT count(*) FROM transitions WHERE run_id = id) AS transitions,
            (SELECT max(at) FROM transitions WHERE run_id = id) AS stepped_at FROM runs
     WHERE state_kind IN ('queued', 'running', 'paused') ORDER BY id`,
  )
  // The size of a text is known without reading it: only specs that may have this SQL are parsed.
  const durations = db
    .prepare<
      [{ database: string; sql: string; oldest: number; least: number; most: number; limit: number }],
      number
    >(
      `SELECT json_extract(state, '$.durationMs') FROM runs
       WHERE id > @oldest AND kind = 'query' AND state_kind = 'done'
         AND octet_length(spec) BETWEEN @least AND @most
         AND json_extract(spec, '$.sql') = @sql AND json_extract(spec, '$.database') = @database
       ORDER BY id DESC LIMIT @limit`,
    )
    .pluck()
  const commandDurations = db
    .prepare<[{ spec: string; oldest: number; bytes: number; limit: number }], number>(
      `SELECT json_extract(state, '$.durationMs') FROM runs
       WHERE id > @oldest AND kind = 'command' AND state_kind = 'done'
         AND octet_length(spec) = @bytes AND spec = @spec
       ORDER BY id DESC LIMIT @limit`,
    )
    .pluck()
  const newestId = db.prepare<[], number | null>('SELECT max(id) FROM runs').pluck()

  function add(run: NewRun): number {
    if (run.environment !== null) keepEnvironment.run(run.environment)
    const { lastInsertRowid } = insert.run(
      run.kind,
      run.createdAt,
      run.spec,
      run.stateKind,
      run.state,
      run.progress,
      run.terms,
      run.environment === null ? null : (findEnvironment.get(run.environment) ?? null),
    )
    const id = Number(lastInsertRowid)
    append.run(id, 0, run.createdAt, run.state)
    return id
  }

  return {
    /** How long the last runs of a text on a database took that were done, in milliseconds; the newest first. */
    'run.durations'({
      database,
      sql,
      limit,
    }: {
      readonly database: string
      readonly sql: string
      readonly limit: number
    }): number[] {
      const bytes = Buffer.byteLength(sql)
      return durations.all({
        database,
        sql,
        oldest: (newestId.get() ?? 0) - HISTORY_RUNS,
        least: bytes,
        most: bytes * MAX_JSON_EXPANSION + MAX_OTHER_FIELDS_BYTES,
        limit,
      })
    },

    /** As `run.durations`, of the runs of exactly this command; `spec` is its JSON text. */
    'run.commandDurations'({ spec, limit }: { readonly spec: string; readonly limit: number }): number[] {
      const oldest = (newestId.get() ?? 0) - HISTORY_RUNS
      return commandDurations.all({ spec, bytes: Buffer.byteLength(spec), oldest, limit })
    },

    /** Adds a run and answers its id. */
    'run.insert': add,

    /** Adds runs, all or none, and answers their ids in the same order. */
    'runs.insert'({ runs }: { readonly runs: readonly NewRun[] }): number[] {
      return runs.map(add)
    },

    /** Writes a run's present state and the steps that led to it; writing the same steps again changes nothing. */
    'run.save'(run: {
      readonly id: number
      readonly stateKind: string
      readonly state: string
      readonly progress: string
      readonly transitions: readonly StoredTransition[]
    }): void {
      update.run(run.stateKind, run.state, run.progress, run.id)
      for (const { sequence, at, state } of run.transitions) append.run(run.id, sequence, at, state)
    },

    /** Changes what a run is to do, and on which terms. */
    'run.amend'({ id, spec, terms }: RunChange): void {
      amend.run(spec, terms, id)
    },

    /** Begins another attempt of a run, in a state of its own; keeps how the last one ended. */
    'run.again'(
      run: RunChange & {
        readonly ended: { readonly number: number; readonly state: string }
        readonly state: string
        readonly progress: string
        readonly transitions: readonly StoredTransition[]
      },
    ): void {
      const { id, ended, transitions } = run
      for (const { sequence, at, state } of transitions) append.run(id, sequence, at, state)
      addAttempt.run(id, ended.number, ended.state)
      setAttempt.run(ended.number + 1, id)
      amend.run(run.spec, run.terms, id)
      update.run('queued', run.state, run.progress, id)
    },

    /** How many steps a run's life has had. */
    'run.steps'({ id }: { readonly id: number }): number {
      return countSteps.get(id) ?? 0
    },

    /** The attempts of a run that were followed by another, the first one first. */
    'run.attempts'({ id }: { readonly id: number }): { number: number; state: string }[] {
      return attempts.all(id)
    },

    /** The whole environment that a run's asker has given it, as JSON; undefined for Offloop's own. */
    'run.environment'({ id }: { readonly id: number }): string | undefined {
      return environment.get(id)
    },

    /** Takes a run out of the history; its id is not given again. */
    'run.delete'({ id }: { readonly id: number }): void {
      remove.run(id)
    },

    'run.get'({ id }: { readonly id: number }): RunRow | undefined {
      return select.get(id)
    },

    'run.list'({ before, limit }: { readonly before: number; readonly limit: number }): {
      rows: RunRow[]
      more: boolean
    } {
      const rows: RunRow[] = []
      let bytes = 0
      for (const row of newest.iterate(before, limit + 1)) {
        if (rows.length === limit || (rows.length > 0 && bytes + row.spec.length > MAX_LIST_BYTES))
          return { rows, more: true }
        rows.push(row)
        bytes += row.spec.length
      }
      return { rows, more: false }
    },

    /** Every run without a final state, oldest first. */
    'run.unfinished'(): UnfinishedRow[] {
      return unfinished.all()
    },
  }
}
