import { access, constants, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ElectronRuntime } from './electron-runtime.ts'
import { executablePath } from './executable-path.ts'
import { SetupFailure } from './setup-failure.ts'

/**
 * Takes the Electron that a person named with `ELECTRON_OVERRIDE_DIST_PATH`, a variable of electron's own.
 *
 * @param folder the variable's value: an unpacked distribution
 * @throws SetupFailure `not-runnable` when there is no executable, or no version file as every distribution has
 */
export async function overrideElectron(folder: string, platform: NodeJS.Platform): Promise<ElectronRuntime> {
  const executable = resolve(folder, executablePath(platform))
  try {
    await access(executable, constants.X_OK)
    const version = await readFile(join(folder, 'version'), 'utf8')
    return { source: 'override', executable, version: version.trim().replace(/^v/, '') }
  } catch (error) {
    throw new SetupFailure(
      'not-runnable',
      `ELECTRON_OVERRIDE_DIST_PATH names ${folder}, and that is no unpacked Electron: it must hold an executable ` +
        `${executablePath(platform)} and a file named version. Correct the variable or unset it.`,
      { cause: error },
    )
  }
}
