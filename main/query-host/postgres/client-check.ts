/**
 * How often a server looks whether whoever asked is still there: without it, a statement would go on for hours after
 * Offloop was killed. From PostgreSQL 14 on, where the server's system allows it.
 */
const CLIENT_CHECK = 'client_connection_check_interval'
const CLIENT_CHECK_MS = 2_000

/** Has the server look: in this session, or in the transaction that is open. */
export function lookForClient(scope: 'SET' | 'SET LOCAL'): string {
  return `${scope} ${CLIENT_CHECK} = ${CLIENT_CHECK_MS}`
}
