-- On which terms a command starts; none for what does not wait in a pool, and for what is older than pools.
ALTER TABLE runs ADD COLUMN terms TEXT;
ALTER TABLE runs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;

-- The environments of callers, each kept once: a thousand runs of a script have the same.
CREATE TABLE environments (
  id INTEGER PRIMARY KEY,
  variables TEXT NOT NULL UNIQUE
) STRICT;
ALTER TABLE runs ADD COLUMN environment INTEGER REFERENCES environments (id);

DROP INDEX runs_unfinished;
CREATE INDEX runs_unfinished ON runs (id) WHERE state_kind IN ('queued', 'running', 'paused');

-- Attempts that were followed by another; the last is in the run itself.
CREATE TABLE attempts (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE pools (
  name TEXT PRIMARY KEY,
  concurrency INTEGER,
  capacity INTEGER NOT NULL,
  paused INTEGER NOT NULL,
  closed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT, as with runs.
CREATE TABLE batches (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE schedules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  content TEXT NOT NULL,
  environment INTEGER REFERENCES environments (id),
  next_at INTEGER
) STRICT;
