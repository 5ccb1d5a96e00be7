import { join } from 'node:path'
// Its part for main would listen to messages from any page as well.
import log from 'electron-log/node'

/** Megabytes are enough for weeks; the older half is dropped with the file that it is in. */
const MAX_LOG_BYTES = 5 * 1024 * 1024

/** Starts the log of this profile and returns what adds a line to it. It never holds SQL parameters or environment values. */
export function openLog(profile: string): (line: string, cause?: unknown) => void {
  log.transports.file.resolvePathFn = () => join(profile, 'logs', 'offloop.log')
  log.transports.file.maxSize = MAX_LOG_BYTES
  log.transports.file.sync = false
  log.transports.console.level = process.env['OFFLOOP_LOG'] ? 'debug' : false
  return (line, cause) => (cause === undefined ? log.info(line) : log.warn(line, cause))
}
