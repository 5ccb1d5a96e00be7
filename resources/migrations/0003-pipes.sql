-- The buffers between runs. AUTOINCREMENT, as with runs.
CREATE TABLE pipes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  content TEXT NOT NULL,
  state TEXT NOT NULL,
  is_over INTEGER NOT NULL
) STRICT;
CREATE INDEX pipes_unfinished ON pipes (id) WHERE is_over = 0;
