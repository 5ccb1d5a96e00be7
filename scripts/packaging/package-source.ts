import { join } from 'node:path'
import type { Configuration } from 'electron-builder'

/**
 * Where the Electron of a package comes from. Only a test package can name a folder, so that no other Electron than
 * the verified release gets into what people install.
 */
export type PackageSource =
  | {
      purpose: 'release'
      /** Electron's own release, which electron-builder fetches and verifies. */
      electronVersion: string
    }
  | {
      purpose: 'test'
      electronVersion: string
      /** Absolute path of an unpacked Electron, whichever it is. */
      electronFolder: string
    }

/** What a test package is called, so that its profile, folder and command are not those of Offloop. */
const TEST_PRODUCT_NAME = 'Offloop test package'
const TEST_NAME = 'offloop-test-package'

/** @returns the folder in which the packages of a purpose are made */
export function outputFolder(root: string, purpose: PackageSource['purpose']): string {
  return purpose === 'release' ? join(root, 'dist') : join(root, 'dist', 'test-package')
}

/** @returns what differs from electron-builder.yml */
export function configurationFor(root: string, source: PackageSource): Configuration {
  const { purpose, electronVersion } = source
  const directories = { output: outputFolder(root, purpose) }
  switch (purpose) {
    case 'release':
      return { directories, electronVersion, electronDist: null }
    case 'test':
      return {
        directories,
        electronVersion,
        electronDist: source.electronFolder,
        productName: TEST_PRODUCT_NAME,
        extraMetadata: {
          name: TEST_NAME,
          productName: TEST_PRODUCT_NAME,
          desktopName: `${TEST_NAME}.desktop`,
        },
        linux: { executableName: TEST_NAME },
        electronFuses: { enableNodeCliInspectArguments: true },
      }
    default:
      return unreachable(purpose)
  }
}

function unreachable(purpose: never): never {
  throw new Error(`unknown purpose of a package: ${String(purpose)}`)
}
