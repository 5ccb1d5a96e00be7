import { canRun } from '../process/can-run.ts'
import { runCommand } from '../process/run-command.ts'
import { SetupFailure } from './setup-failure.ts'
import type { SystemNeed } from './system-need.ts'

export type SystemPackagesOptions = {
  /** Looks for what is missing; called again after an installation. */
  find: () => Promise<SystemNeed[]>
  /** What needs it, for the message: "Electron 33.2.1". */
  forWhat: string
  isRoot: boolean
  signal: AbortSignal
  say: (line: string) => void
}

/** The last lines of apt-get name the package that failed; what comes before is progress. */
const SHOWN_APT_LINES = 5

/**
 * Sees to it that nothing is missing: as root on a system with apt-get by installing it, else by saying the exact command
 * and stopping.
 *
 * @throws SetupFailure `missing-packages`
 */
export async function ensureSystemPackages(options: SystemPackagesOptions): Promise<void> {
  const { find, isRoot, signal, say } = options
  const needs = await find()
  if (needs.length === 0) return

  if (!(await canRun('apt-get', '--version', signal)))
    throw missing(needs, await otherSystem(needs, signal), options)
  if (!isRoot) throw missing(needs, `sudo ${await aptCommand(needs, signal)}`, options)

  // A fresh container has no package lists, and without them no name is known.
  await apt(['update'], signal)
  const packages = await debianPackages(needs, signal)
  if (packages.length > 0) {
    say(`Installing with apt-get, for ${options.forWhat}: ${packages.join(' ')}`)
    await apt(['install', '--yes', '--no-install-recommends', ...packages], signal)
  }
  const left = await find()
  if (left.length > 0) throw missing(left, null, options)
}

async function apt(aptArguments: readonly string[], signal: AbortSignal): Promise<void> {
  const { code, stdout, stderr } = await runCommand('apt-get', ['--quiet', ...aptArguments], {
    signal,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (code === 0) return
  const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-SHOWN_APT_LINES)
  throw new SetupFailure(
    'missing-packages',
    `"apt-get ${aptArguments.join(' ')}" failed:\n  ${lines.join('\n  ')}\nMend that and run the same command again.`,
  )
}

async function aptCommand(needs: readonly SystemNeed[], signal: AbortSignal): Promise<string> {
  return `apt-get install --no-install-recommends ${(await debianPackages(needs, signal)).join(' ')}`
}

/** @returns the package names that this release of Debian or Ubuntu knows, each once */
async function debianPackages(needs: readonly SystemNeed[], signal: AbortSignal): Promise<string[]> {
  const names = await Promise.all(needs.map((need) => firstKnown(need.debian, signal)))
  return [...new Set(names.filter((name) => name !== null))]
}

async function firstKnown(candidates: readonly string[], signal: AbortSignal): Promise<string | null> {
  for (const name of candidates) {
    const { code } = await runCommand('apt-cache', ['show', '--no-all-versions', name], { signal })
    if (code === 0) return name
  }
  return candidates.at(-1) ?? null
}

async function otherSystem(needs: readonly SystemNeed[], signal: AbortSignal): Promise<string | null> {
  const names = needs.map(({ rpm }) => `'${rpm}'`).join(' ')
  if (await canRun('dnf', '--version', signal)) return `sudo dnf install ${names}`
  if (await canRun('zypper', '--version', signal)) return `sudo zypper install ${names}`
  return null
}

function missing(
  needs: readonly SystemNeed[],
  command: string | null,
  { forWhat }: SystemPackagesOptions,
): SetupFailure {
  const list = needs.map(({ what }) => what).join(', ')
  const advice =
    command === null
      ? 'Install it with the package manager of this system'
      : `Install it with:\n\n  ${command}\n`
  return new SetupFailure(
    'missing-packages',
    `${forWhat} needs what this machine lacks: ${list}.\n${advice}\nand run the same command again.`,
  )
}
