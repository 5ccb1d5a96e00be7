import { runVisibly } from '../process/run-visibly.ts'
import type { ElectronLaunch } from './electron-launch.ts'
import { openDisplay } from './virtual-display.ts'

export type RunElectronOptions = {
  /** Electron's working folder. */
  cwd: string
  signal: AbortSignal
  say: (line: string) => void
}

/**
 * Runs Electron until it ends, on a virtual display where there is no other. It runs in its own process group: Ctrl-C
 * reaches it once, as the SIGTERM that lets it close its windows; Chromium takes a second signal for an order to die.
 *
 * @param electronArguments the app's folder and what follows it
 * @returns its exit code, 128 and the signal's number when a signal ended it
 */
export async function runElectron(
  launch: ElectronLaunch,
  electronArguments: readonly string[],
  { cwd, signal, say }: RunElectronOptions,
): Promise<number> {
  const display = await openDisplay(process.env, process.platform)
  try {
    if (display.isVirtual)
      say('There is no display here, so the window is drawn on a virtual one that nobody sees.')
    return await runVisibly(launch.executable, [...launch.args, ...electronArguments], {
      cwd,
      signal,
      ownGroup: true,
      // Some terminals inside Electron programs leave that one behind; it would turn Electron into plain Node.
      env: { ...launch.env, ...display.env, ELECTRON_RUN_AS_NODE: undefined },
    })
  } finally {
    await display.close()
  }
}
