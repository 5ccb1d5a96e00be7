/**
 * Where the executable is inside an Electron distribution.
 * Source: electron's own install.js.
 *
 * @returns a path relative to the distribution's folder
 */
export function executablePath(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron'
  return platform === 'win32' ? 'electron.exe' : 'electron'
}
