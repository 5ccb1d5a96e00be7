import { missingLibraries } from './missing-libraries.ts'
import { canRun } from '../process/can-run.ts'
import { runCommand } from '../process/run-command.ts'

/** Something of the operating system that is needed and was not found. */
export type SystemNeed = {
  /** For the person: "the library libgtk-3.so.0". */
  what: string
  /**
   * Names of the Debian and Ubuntu package that holds it, the first known one counts: the change to 64-bit times in
   * 2024 renamed many to "…t64". Empty where it is not known.
   */
  debian: readonly string[]
  /** What dnf and zypper call it: a package or a capability. */
  rpm: string
}

/** Every library that Electron 33 and 45 are linked with and that a bare Debian or Ubuntu may lack. */
const LIBRARY_PACKAGES: Record<string, readonly string[]> = {
  'libX11.so.6': ['libx11-6'],
  'libXcomposite.so.1': ['libxcomposite1'],
  'libXdamage.so.1': ['libxdamage1'],
  'libXext.so.6': ['libxext6'],
  'libXfixes.so.3': ['libxfixes3'],
  'libXrandr.so.2': ['libxrandr2'],
  'libasound.so.2': ['libasound2t64', 'libasound2'],
  'libatk-1.0.so.0': ['libatk1.0-0t64', 'libatk1.0-0'],
  'libatk-bridge-2.0.so.0': ['libatk-bridge2.0-0t64', 'libatk-bridge2.0-0'],
  'libatspi.so.0': ['libatspi2.0-0t64', 'libatspi2.0-0'],
  'libcairo.so.2': ['libcairo2'],
  'libcups.so.2': ['libcups2t64', 'libcups2'],
  'libdbus-1.so.3': ['libdbus-1-3'],
  'libdrm.so.2': ['libdrm2'],
  'libexpat.so.1': ['libexpat1'],
  'libgbm.so.1': ['libgbm1'],
  'libgio-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libglib-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgobject-2.0.so.0': ['libglib2.0-0t64', 'libglib2.0-0'],
  'libgtk-3.so.0': ['libgtk-3-0t64', 'libgtk-3-0'],
  'libnspr4.so': ['libnspr4'],
  'libnss3.so': ['libnss3'],
  'libnssutil3.so': ['libnss3'],
  'libpango-1.0.so.0': ['libpango-1.0-0'],
  'libsmime3.so': ['libnss3'],
  'libudev.so.1': ['libudev1'],
  'libxcb.so.1': ['libxcb1'],
  'libxkbcommon.so.0': ['libxkbcommon0'],
}

/** @returns a need for each shared library that the executable lacks; none outside Linux */
export async function libraryNeeds(
  executable: string,
  platform: NodeJS.Platform,
  signal: AbortSignal,
): Promise<SystemNeed[]> {
  if (platform !== 'linux') return []
  const missing = await missingLibraries(executable, signal)
  return missing.map((name) => ({
    what: `the library ${name}`,
    debian: LIBRARY_PACKAGES[name] ?? [],
    // rpm packages provide their libraries under this spelling, so no table is needed.
    rpm: `${name}()(64bit)`,
  }))
}

/** @returns a need for the virtual display server, when there is no display and it is not installed */
export async function displayNeeds(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<SystemNeed[]> {
  if (process.platform !== 'linux' || environment['DISPLAY']) return []
  if (await canRun('Xvfb', '-help', signal)) return []
  return [
    {
      what: 'the display server Xvfb (this machine has no display)',
      debian: ['xvfb'],
      rpm: 'xorg-x11-server-Xvfb',
    },
  ]
}

/** @returns a need for a font with Chinese characters, which a bare machine draws as empty boxes */
export async function fontNeeds(signal: AbortSignal): Promise<SystemNeed[]> {
  if (process.platform !== 'linux') return []
  const hasFontconfig = await canRun('fc-list', '--version', signal)
  if (hasFontconfig) {
    const { stdout } = await runCommand('fc-list', [':lang=zh'], { signal })
    if (stdout.trim() !== '') return []
  }
  const font: SystemNeed = {
    what: 'a font with Chinese characters',
    debian: ['fonts-noto-cjk'],
    rpm: 'google-noto-sans-cjk-fonts',
  }
  const lister: SystemNeed = { what: 'the program fc-list', debian: ['fontconfig'], rpm: 'fontconfig' }
  return hasFontconfig ? [font] : [lister, font]
}

/** @returns a need for each missing tool of those that compile a native addon */
export async function compilerNeeds(signal: AbortSignal): Promise<SystemNeed[]> {
  const tools: SystemNeed[] = [
    { what: 'g++', debian: ['g++'], rpm: 'gcc-c++' },
    { what: 'make', debian: ['make'], rpm: 'make' },
    { what: 'python3', debian: ['python3'], rpm: 'python3' },
  ]
  const found = await Promise.all(tools.map(({ what }) => canRun(what, '--version', signal)))
  return tools.filter((_, index) => !found[index])
}
