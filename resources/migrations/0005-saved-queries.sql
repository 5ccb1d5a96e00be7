-- Queries that are kept under a name, which begins with their folders: reports/monthly/sales.
CREATE TABLE saved_queries (
  name TEXT PRIMARY KEY,
  sql TEXT NOT NULL,
  database TEXT
) STRICT, WITHOUT ROWID;
