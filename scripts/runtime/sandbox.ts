import { runCommand } from '../process/run-command.ts'
import { SetupFailure } from './setup-failure.ts'

/**
 * Chooses the switches of Chromium's sandbox. Only root gets `--no-sandbox`, because Chromium refuses to run as root
 * otherwise. For everyone else the kernel must allow user namespaces, which is tried here: Chromium without them ends
 * with a crash report and no advice.
 *
 * @throws SetupFailure `not-runnable` when the sandbox cannot work for this user
 */
export async function sandboxArguments(
  { platform, isRoot }: { platform: NodeJS.Platform; isRoot: boolean },
  signal: AbortSignal,
): Promise<string[]> {
  if (platform !== 'linux') return []
  if (isRoot) return ['--no-sandbox']
  if (await userNamespacesWork(signal)) return []
  throw new SetupFailure(
    'not-runnable',
    "Chromium's sandbox cannot work for this user, because this system forbids user namespaces. Allow them:\n\n" +
      '  sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0   # Ubuntu 23.10 and newer\n' +
      '  sudo sysctl -w kernel.unprivileged_userns_clone=1               # older Debian\n\n' +
      'In a container, start it with a seccomp profile that allows them. Then run the same command again.',
  )
}

async function userNamespacesWork(signal: AbortSignal): Promise<boolean> {
  try {
    return (await runCommand('unshare', ['--user', '--map-root-user', 'true'], { signal })).code === 0
  } catch (error) {
    signal.throwIfAborted()
    // Without unshare nothing can be tried; then Chromium itself has the word.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true
    throw error
  }
}
