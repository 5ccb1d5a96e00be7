-- AUTOINCREMENT, because an id is never given twice, not even after its run was deleted.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  spec TEXT NOT NULL,
  state_kind TEXT NOT NULL,
  state TEXT NOT NULL,
  progress TEXT NOT NULL
) STRICT;

-- Newest-first lists walk the primary key backwards and need no index of their own.
CREATE INDEX runs_unfinished ON runs (id) WHERE state_kind IN ('queued', 'running');

CREATE TABLE transitions (
  run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE databases (
  path TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  mode TEXT NOT NULL,
  sample INTEGER NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
