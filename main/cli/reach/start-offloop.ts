import { spawn } from 'node:child_process'
import { access, constants, mkdir } from 'node:fs/promises'
import { failed } from '#kit/request-failed.ts'
import type { Launch } from './launch.ts'

/** Only its owner looks into a profile: it holds what queries answered. */
const PROFILE_MODE = 0o700

/** An Offloop that was started without a window. */
export interface Started {
  /** Whether its process has ended, which it does at once when another one runs already. */
  readonly ended: boolean
}

/**
 * Starts Offloop without a window, and without a display where there is none. It goes on after this process.
 * @throws RequestFailed `spawn` when it cannot be started, at once where the profile cannot be written.
 */
export async function startOffloop(profile: string, { executable, args, env }: Launch): Promise<Started> {
  await expectWritable(profile)
  const child = spawn(
    executable,
    [...args, ...displaySwitches(process.env, process.platform), '--background'],
    {
      detached: true,
      stdio: 'ignore',
      cwd: profile,
      // Some terminals inside Electron programs leave that one behind; it would turn Electron into plain Node.
      env: { ...process.env, ...env, OFFLOOP_PROFILE: profile, ELECTRON_RUN_AS_NODE: undefined },
    },
  )
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (error) =>
      reject(
        failed(
          'spawn',
          `Offloop could not be started (${error.message}). Run "npm start" once, then try again.`,
        ),
      ),
    )
  })
  child.unref()
  return {
    get ended() {
      return child.exitCode !== null || child.signalCode !== null
    },
  }
}

/** Without this Chromium would end without a word, and somebody would wait for it. */
async function expectWritable(profile: string): Promise<void> {
  try {
    await mkdir(profile, { recursive: true, mode: PROFILE_MODE })
    await access(profile, constants.W_OK)
  } catch (error) {
    throw failed(
      'spawn',
      `Offloop cannot write into its folder "${profile}" (${error instanceof Error ? error.message : String(error)}). ` +
        'Give your account the right to write there, or name another folder in OFFLOOP_PROFILE.',
    )
  }
}

/** Chromium ends at once on a Linux without a display, unless it is told to do without. */
function displaySwitches(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const { DISPLAY, WAYLAND_DISPLAY } = environment
  return platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY ? ['--ozone-platform=headless'] : []
}
