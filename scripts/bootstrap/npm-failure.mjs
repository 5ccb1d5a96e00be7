/** @typedef {'no-network' | 'broken-download' | 'disk-full' | 'not-writable' | 'not-served' | 'lock-outdated' | 'unknown'} NpmFailureKind */

/** @type {Record<string, NpmFailureKind>} npm's error codes, which are Node's own, its fetch library's, or npm's. */
const KINDS = {
  ENOTFOUND: 'no-network',
  EAI_AGAIN: 'no-network',
  ECONNREFUSED: 'no-network',
  ENETUNREACH: 'no-network',
  EHOSTUNREACH: 'no-network',
  ETIMEDOUT: 'no-network',
  ERR_SOCKET_TIMEOUT: 'no-network',
  ENOTCACHED: 'no-network',
  ECONNRESET: 'broken-download',
  ERR_STREAM_PREMATURE_CLOSE: 'broken-download',
  EINTEGRITY: 'broken-download',
  EBADSIZE: 'broken-download',
  TAR_BAD_ARCHIVE: 'broken-download',
  Z_DATA_ERROR: 'broken-download',
  Z_BUF_ERROR: 'broken-download',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'not-writable',
  EACCES: 'not-writable',
  EPERM: 'not-writable',
  ENOTDIR: 'not-writable',
  E401: 'not-served',
  E403: 'not-served',
  E404: 'not-served',
  ETARGET: 'not-served',
  EUSAGE: 'lock-outdated',
}

/**
 * Reads why npm failed from what it printed under `--json`: `{ "error": { "code", "summary", "detail" } }`.
 *
 * @param {string} stdout everything npm wrote to its standard output
 * @returns {{ kind: NpmFailureKind, reason: string }} reason is npm's own words, cut to their first line
 */
export function readNpmFailure(stdout) {
  const start = stdout.indexOf('{')
  try {
    const { error } = JSON.parse(stdout.slice(Math.max(start, 0)))
    const code = String(error.code)
    const summary = String(error.summary).split('\n')[0]
    return { kind: KINDS[code] ?? 'unknown', reason: `${code}: ${summary}` }
  } catch {
    // Killed or crashed npm leaves no JSON, or half of it; then nothing about the reason is known.
    return { kind: 'unknown', reason: 'npm gave no reason' }
  }
}
