import { CancellationToken, Packager, Platform, type Configuration } from 'electron-builder'
import { setNinthFuse } from './fuse-state.ts'
import { leaveNoListeners } from './leave-no-listeners.ts'
import { configurationFor, type PackageSource } from './package-source.ts'
import { packedApp, type PackedApp } from './packed-app.ts'
import { settleElectron } from './settle-electron.ts'

/** electron-builder's name for a runnable folder. */
const FOLDER_FORMAT = 'dir'

/**
 * Makes the runnable folder of this platform, and on Windows and macOS the installers that electron-builder.yml names.
 *
 * @param root the checkout's folder, in which `out/` is built
 * @throws SetupFailure `packaging` when another Electron than that of the source got in; electron-builder's own errors
 */
export async function packFolder(
  root: string,
  source: PackageSource,
  signal: AbortSignal,
): Promise<PackedApp> {
  const packed: PackedApp[] = []
  const config: Configuration = {
    ...configurationFor(root, source),
    async afterPack(context) {
      const app = packedApp(context)
      await settleElectron(app, source)
      await setNinthFuse(app)
      packed.push(app)
    },
  }
  const folderOnly = process.platform === 'linux' || source.purpose === 'test'
  await run({ root, config, formats: folderOnly ? [FOLDER_FORMAT] : null, signal })
  // A universal app comes last, after the two that it is made of.
  const app = packed.at(-1)
  if (app === undefined) throw new Error('electron-builder packed nothing and did not say why')
  return app
}

/**
 * Makes another format from a folder that is packed already.
 *
 * @param format electron-builder's name of it
 * @returns absolute paths of what was made
 * @throws electron-builder's own errors
 */
export async function packFormat(
  root: string,
  source: PackageSource,
  { folder }: PackedApp,
  format: string,
  signal: AbortSignal,
): Promise<string[]> {
  return run({ root, config: configurationFor(root, source), formats: [format], prepackaged: folder, signal })
}

type Run = {
  root: string
  config: Configuration
  /** Null for those that electron-builder.yml names. */
  formats: string[] | null
  prepackaged?: string
  signal: AbortSignal
}

async function run({ root, config, formats, prepackaged, signal }: Run): Promise<string[]> {
  signal.throwIfAborted()
  const token = new CancellationToken()
  const stop = (): void => token.cancel()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const targets = Platform.current().createTarget(formats)
    const packager = new Packager(
      { projectDir: root, config, targets, prepackaged: prepackaged ?? null },
      token,
    )
    const { artifactPaths } = await leaveNoListeners(() => packager.build())
    signal.throwIfAborted()
    return artifactPaths
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
