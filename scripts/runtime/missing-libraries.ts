import { runCommand } from '../process/run-command.ts'

/**
 * Lists the shared libraries that an executable needs and this machine lacks, as the dynamic linker itself sees it.
 *
 * @param executable absolute path of a Linux program that is trusted: ldd may run it
 * @returns names such as "libgtk-3.so.0", each once
 */
export async function missingLibraries(executable: string, signal: AbortSignal): Promise<string[]> {
  const { stdout } = await runCommand('ldd', [executable], { signal, env: { ...process.env, LC_ALL: 'C' } })
  return readMissing(stdout)
}

/** @param lddOutput lines such as "\tlibgtk-3.so.0 => not found" in the C locale */
export function readMissing(lddOutput: string): string[] {
  const names = [...lddOutput.matchAll(/^\s*(\S+) => not found$/gm)].map(([, name]) => name ?? '')
  return [...new Set(names)]
}
