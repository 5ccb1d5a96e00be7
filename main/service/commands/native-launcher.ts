import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What it says when it was asked whether it can work here. */
const READY = 'ready\n'
/** It answers within a millisecond; whatever does not is none. */
const PATIENCE_MS = 2_000

/**
 * Looks for the program that starts plain commands, and asks it whether it works here.
 * @param out the folder with everything that was built. In a package the program lies beside the archive, because the
 * system cannot execute what is in one.
 * @returns its absolute path; undefined where it was not built, does not work, or OFFLOOP_NATIVE_LAUNCHER is `off`: then
 * the wrapper in Perl does all that it does.
 */
export async function findNativeLauncher(out: string): Promise<string | undefined> {
  if (process.env['OFFLOOP_NATIVE_LAUNCHER'] === 'off') return undefined
  const program = join(out.replace(/app\.asar(?=[/\\]|$)/, 'app.asar.unpacked'), 'native', 'offloop-launcher')
  try {
    const { stdout } = await run(program, ['check'], { timeout: PATIENCE_MS })
    return stdout === READY ? program : undefined
  } catch {
    // Why it does not work is nothing that a person could do anything about.
    return undefined
  }
}
