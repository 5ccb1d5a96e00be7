import { runCommand } from '../process/run-command.ts'

/**
 * Asks an Electron which Node-API it has, by running it as plain Node.
 *
 * @returns such as 9 or 10; null when it does not run as Node, which a fuse can forbid
 */
export async function nodeApiVersion(executable: string, signal: AbortSignal): Promise<number | null> {
  const { code, stdout } = await runCommand(executable, ['-p', 'process.versions.napi'], {
    signal,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  })
  const version = Number(stdout)
  return code === 0 && Number.isInteger(version) ? version : null
}
