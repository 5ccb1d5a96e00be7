import { downloadFailure } from './download-failure.ts'
import { makeDeb } from './make-deb.ts'
import { packFormat } from './pack.ts'
import type { LinuxFormat } from './package-request.ts'
import { outputFolder, type PackageSource } from './package-source.ts'
import type { PackedApp } from './packed-app.ts'

/**
 * Makes one format of a packed app.
 *
 * @returns absolute path of the package
 * @throws SetupFailure when it cannot be made here, saying what is missing
 */
export async function makeFormat(
  root: string,
  source: PackageSource,
  packed: PackedApp,
  format: LinuxFormat,
  signal: AbortSignal,
): Promise<string> {
  switch (format) {
    case 'deb':
      return makeDeb(root, packed, outputFolder(root, source.purpose), signal)
    case 'AppImage':
      try {
        const [file] = await packFormat(root, source, packed, format, signal)
        if (file === undefined) throw new Error('electron-builder made no AppImage and did not say why')
        return file
      } catch (error) {
        signal.throwIfAborted()
        throw downloadFailure(format, error) ?? error
      }
    default:
      return unreachable(format)
  }
}

function unreachable(format: never): never {
  throw new Error(`unknown format of a package: ${String(format)}`)
}
