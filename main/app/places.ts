import { join, resolve } from 'node:path'
import { app } from 'electron'

/** Where everything of one profile and of the installed app is found; absolute paths. */
export interface Places {
  /** Data, results, output and logs of this profile; nothing outside it is ever written unasked. */
  readonly profile: string
  /** Migrations, the wrapper and other files that ship with the app. */
  readonly resources: string
  /** The built code of the processes. */
  readonly code: string
  readonly preload: string
  readonly page: string
}

/** Settles the profile, which `OFFLOOP_PROFILE` may place elsewhere, and returns all places. Call it before `ready`. */
export function settlePlaces(): Places {
  const profile = process.env['OFFLOOP_PROFILE']
  if (profile) app.setPath('userData', resolve(profile))
  const root = app.getAppPath()
  return {
    profile: app.getPath('userData'),
    resources: app.isPackaged ? process.resourcesPath : join(root, 'resources'),
    code: join(root, 'out', 'main'),
    preload: join(root, 'out', 'preload', 'index.cjs'),
    page: join(root, 'out', 'renderer'),
  }
}
