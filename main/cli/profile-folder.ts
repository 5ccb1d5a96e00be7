import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

const APP_NAME = 'Offloop'

/**
 * The folder that holds everything of a profile: OFFLOOP_PROFILE, or where Electron places the data of an app.
 * Source: https://www.electronjs.org/docs/latest/api/app#appgetpathname
 */
export function profileFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const { OFFLOOP_PROFILE, XDG_CONFIG_HOME, APPDATA } = environment
  if (OFFLOOP_PROFILE) return resolve(OFFLOOP_PROFILE)
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', APP_NAME)
  if (platform === 'win32') return join(APPDATA ?? join(homedir(), 'AppData', 'Roaming'), APP_NAME)
  return join(XDG_CONFIG_HOME ?? join(homedir(), '.config'), APP_NAME)
}
