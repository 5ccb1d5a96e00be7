/** A moment as SQLite's own functions of time read it, in UTC. @param at ms since 1970 */
export function momentText(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '')
}
