-- How the result of a saved query is drawn, as JSON; NULL for its rows.
ALTER TABLE saved_queries ADD COLUMN chart TEXT;
