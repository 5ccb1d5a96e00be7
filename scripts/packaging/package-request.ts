/** Formats of a Linux package beside the folder. */
export const LINUX_FORMATS = ['deb', 'AppImage'] as const
export type LinuxFormat = (typeof LINUX_FORMATS)[number]

/** For whom a package is: people, or the tests, which drive it and may use another Electron. */
export type Purpose = 'release' | 'test'

/** What a person has asked `npm run package` for. */
export type PackageRequest =
  | {
      kind: 'make'
      purpose: Purpose
      /** Made after the folder. */
      formats: readonly LinuxFormat[]
      /** Whether the formats were named: one that was and cannot be made is a failure. */
      named: boolean
    }
  | { kind: 'refused'; message: string }

/** Turns a package into one for the tests. */
const TEST_FLAG = '--test'

/**
 * Reads the arguments of `npm run package --`: `--test`, and names of formats. Without names a release makes a deb where
 * that is possible, and a test package its folder alone.
 *
 * @param platform as in `process.platform`; on Windows and macOS electron-builder.yml names the formats
 */
export function readPackageRequest(
  packageArguments: readonly string[],
  platform: NodeJS.Platform,
): PackageRequest {
  const names = packageArguments.filter((word) => word !== TEST_FLAG)
  const formats = LINUX_FORMATS.filter((format) => names.includes(format))
  const known = platform === 'linux' ? formats.length : 0
  if (known < new Set(names).size) {
    const choices = platform === 'linux' ? [TEST_FLAG, ...LINUX_FORMATS] : [TEST_FLAG]
    return {
      kind: 'refused',
      message:
        `npm run package does not know what to do with "${names.join(' ')}" here. It was not started. ` +
        `What may follow "npm run package --" is: ${choices.join(', ')}.`,
    }
  }
  const purpose = packageArguments.includes(TEST_FLAG) ? 'test' : 'release'
  if (names.length > 0) return { kind: 'make', purpose, formats, named: true }
  return {
    kind: 'make',
    purpose,
    formats: purpose === 'release' && platform === 'linux' ? ['deb'] : [],
    named: false,
  }
}
