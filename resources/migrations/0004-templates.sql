-- Commands that are kept with what is asked for when they are used.
CREATE TABLE templates (
  name TEXT PRIMARY KEY,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
