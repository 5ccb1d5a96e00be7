/** The tables and views of the history. Their names, and those of their columns, stay: people write queries on them. */
export const HISTORY_TABLES = `
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  text TEXT,
  folder TEXT,
  database TEXT,
  pool TEXT,
  priority INTEGER,
  batch INTEGER,
  created_at TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  duration_ms REAL,
  exit_code INTEGER,
  signal INTEGER,
  error TEXT,
  attempts INTEGER NOT NULL,
  rows INTEGER,
  output_bytes INTEGER,
  output_lines INTEGER,
  template TEXT
) STRICT;
CREATE INDEX runs_text ON runs (text, id);
CREATE TABLE attempts (
  run_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  started_at TEXT,
  ended_at TEXT,
  duration_ms REAL,
  exit_code INTEGER,
  signal INTEGER,
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE transitions (
  run_id INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  at TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;
CREATE TABLE dependencies (
  run_id INTEGER NOT NULL,
  after_run INTEGER NOT NULL,
  needs TEXT NOT NULL
) STRICT;
CREATE INDEX dependencies_run ON dependencies (run_id);
CREATE TABLE locks (run_id INTEGER NOT NULL, name TEXT NOT NULL) STRICT;
CREATE INDEX locks_run ON locks (run_id);
CREATE TABLE pools (
  name TEXT PRIMARY KEY,
  concurrency INTEGER,
  capacity INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  closed INTEGER NOT NULL
) STRICT;
CREATE VIEW daily_durations AS
  SELECT text, date(started_at) AS day, count(*) AS runs, avg(duration_ms) AS mean_ms, max(duration_ms) AS longest_ms
  FROM runs WHERE state = 'done' GROUP BY text, day;
`

/** A moment as SQLite's own functions of time read it, in UTC. */
const moment = (ms: string): string => `strftime('%Y-%m-%d %H:%M:%f', (${ms}) / 1000.0, 'unixepoch')`
const chosen = `(SELECT value FROM json_each(?))`
const ended = (state: string): string => `${moment(`json_extract(${state}, '$.startedAt')`)},
  ${moment(`json_extract(${state}, '$.endedAt')`)},
  CAST(json_extract(${state}, '$.durationMs') AS REAL),
  json_extract(${state}, '$.cause.exitCode'),
  json_extract(${state}, '$.signal')`

/**
 * For each table what is read of Offloop's own database, for the runs that a parameter lists. What is not named here, such
 * as the environments of commands and the values of parameters, is not told.
 */
export const HISTORY_READS: Readonly<Record<string, string>> = {
  runs: `SELECT id, kind, state_kind,
      CASE kind
        WHEN 'query' THEN json_extract(spec, '$.sql')
        WHEN 'command' THEN coalesce(json_extract(spec, '$.command.line'),
          json_extract(spec, '$.command.program') ||
            coalesce((SELECT ' ' || group_concat(value, ' ') FROM json_each(spec, '$.command.args')), ''))
        ELSE json_extract(spec, '$.transfer.kind') || ' ' || json_extract(spec, '$.transfer.file')
      END,
      json_extract(spec, '$.folder'),
      coalesce(json_extract(spec, '$.database'), json_extract(spec, '$.transfer.database')),
      json_extract(terms, '$.pool'), json_extract(terms, '$.priority'), json_extract(terms, '$.batch.id'),
      ${moment('created_at')},
      ${moment(`json_extract(state, '$.startedAt')`)}, ${moment(`json_extract(state, '$.endedAt')`)},
      CAST(json_extract(state, '$.durationMs') AS REAL),
      CASE WHEN state_kind = 'done' AND kind = 'command' THEN 0 ELSE json_extract(state, '$.cause.exitCode') END,
      json_extract(state, '$.signal'),
      coalesce(json_extract(state, '$.cause.failure.message'), json_extract(state, '$.message')),
      attempt, json_extract(progress, '$.rows'),
      CASE kind WHEN 'command' THEN json_extract(progress, '$.bytes') END,
      json_extract(progress, '$.lines'), json_extract(spec, '$.template.name')
    FROM runs WHERE id IN ${chosen} AND json_valid(spec) AND json_extract(spec, '$.derivedFrom') IS NULL`,
  attempts: `WITH chosen AS (SELECT value AS id FROM json_each(?)),
    every AS (
      SELECT run_id, number, state FROM attempts WHERE run_id IN chosen
      UNION ALL SELECT id, attempt, state FROM runs WHERE id IN chosen)
    SELECT run_id, number, json_extract(state, '$.kind'), ${ended('state')} FROM every`,
  transitions: `SELECT run_id, sequence, ${moment('at')}, json_extract(state, '$.kind')
    FROM transitions WHERE run_id IN ${chosen}`,
  dependencies: `SELECT runs.id, json_extract(value, '$.run'), json_extract(value, '$.on')
    FROM runs, json_each(terms, '$.after') WHERE runs.id IN ${chosen}`,
  locks: `SELECT runs.id, value FROM runs, json_each(terms, '$.locks') WHERE runs.id IN ${chosen}`,
}
