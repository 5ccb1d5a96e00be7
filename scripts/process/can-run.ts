import { runCommand } from './run-command.ts'

/**
 * Says whether a program can really be run, by asking it for its version: a name on the path may be a stub that only
 * says what to install.
 *
 * @param name a program that knows `versionFlag` and ends at once
 */
export async function canRun(name: string, versionFlag: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await runCommand(name, [versionFlag], { signal })).code === 0
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EACCES'))
      return false
    throw error
  }
}
