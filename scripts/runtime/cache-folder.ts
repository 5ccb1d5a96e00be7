import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/**
 * The folder for what can be fetched or built again, shared by every checkout of this user: `$XDG_CACHE_HOME` where it
 * is set, else the platform's own place.
 * Source: the XDG Base Directory Specification, which says that a relative path there is to be ignored.
 *
 * @param environment the variables to read
 * @param platform as in `process.platform`
 * @returns an absolute path; it may not exist yet
 */
export function cacheFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const named = environment['XDG_CACHE_HOME']
  if (named !== undefined && isAbsolute(named)) return join(named, 'offloop')
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'offloop')
  if (platform === 'win32') {
    return join(environment['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'offloop', 'cache')
  }
  return join(homedir(), '.cache', 'offloop')
}
