/** Statements whose count of rows is a count of changes. */
const CHANGING: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY'])

/**
 * How many rows a statement has changed; null for one that does something else.
 * @param rows how many it is about: those that came with RETURNING, of which the server counts the last batch only, or
 * else the server's own count.
 */
export function changedRows(command: string | null, rows: number | null): number | null {
  return command !== null && CHANGING.has(command) ? rows : null
}
