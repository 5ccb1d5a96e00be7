/**
 * How to start npm itself, never through a shell where it can be avoided: Node refuses to start `npm.cmd` without one.
 *
 * @returns {{ file: string, leading: string[], shell: boolean }} `leading` goes before npm's own arguments
 */
export function npmCommand() {
  const script = process.env.npm_execpath
  if (script !== undefined && /\.c?js$/.test(script) && !/yarn|pnpm/.test(script)) {
    return { file: process.execPath, leading: [script], shell: false }
  }
  return { file: 'npm', leading: [], shell: process.platform === 'win32' }
}
