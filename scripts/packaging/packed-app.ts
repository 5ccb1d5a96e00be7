import { join } from 'node:path'
import { Arch, LinuxPackager, type AfterPackContext, type Configuration } from 'electron-builder'

/** An app that is packed and can be run where it lies. */
export type PackedApp = {
  platform: NodeJS.Platform
  /** As in `process.arch`, or "universal". */
  arch: string
  /** Absolute path; on macOS of the folder that holds the .app. */
  folder: string
  /** The executable's name in the folder; on macOS the .app folder's. */
  program: string
  /** electron-builder.yml, with what was changed for this package. */
  config: Configuration
  name: string
  productName: string
  version: string
  description: string
}

/** Reads what was packed from what electron-builder tells its hooks. */
export function packedApp({ appOutDir, packager, arch }: AfterPackContext): PackedApp {
  const { appInfo, config, info } = packager
  const platform = packager.platform.nodeName
  return {
    platform,
    arch: Arch[arch],
    folder: appOutDir,
    program:
      packager instanceof LinuxPackager
        ? packager.executableName
        : `${appInfo.productFilename}${platform === 'darwin' ? '.app' : '.exe'}`,
    config,
    name: info.metadata.name ?? appInfo.name,
    productName: appInfo.productName,
    version: appInfo.version,
    description: info.metadata.description ?? '',
  }
}

/** @returns the folder that Electron calls `process.resourcesPath` */
export function resourcesFolder({ platform, folder, program }: PackedApp): string {
  return platform === 'darwin' ? join(folder, program, 'Contents', 'Resources') : join(folder, 'resources')
}

/** @returns the file that holds Electron's own code */
export function electronBinary({ platform, folder, program }: PackedApp): string {
  return platform === 'darwin'
    ? join(folder, program, 'Contents', 'Frameworks', 'Electron Framework.framework', 'Electron Framework')
    : join(folder, program)
}
