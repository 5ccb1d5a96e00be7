/** How to start Electron on this machine. */
export type ElectronLaunch = {
  /** Absolute path. */
  executable: string
  /** Chromium's switches that this user needs; they go before the app's folder. */
  args: string[]
  /** Added to the environment: OFFLOOP_SQLITE_BINDING where better-sqlite3's own binary cannot be used. */
  env: Record<string, string>
}

/** The variable that carries an ElectronLaunch, as JSON, from the scripts to tests and benchmarks. */
const LAUNCH_VARIABLE = 'OFFLOOP_ELECTRON'

/** @returns the variables that hand a launch to tests and benchmarks */
export function launchEnvironment(launch: ElectronLaunch): Record<string, string> {
  return { [LAUNCH_VARIABLE]: JSON.stringify(launch) }
}

/**
 * Reads how to start Electron, in a test or benchmark that one of the npm scripts runs:
 * `_electron.launch({ executablePath: executable, args: [...args, root], env: { ...process.env, ...env }, chromiumSandbox: true })`.
 * Without `chromiumSandbox` Playwright would add `--no-sandbox` for everyone.
 *
 * @throws Error when it was started another way
 */
export function launchFromEnvironment(environment: NodeJS.ProcessEnv): ElectronLaunch {
  const json = environment[LAUNCH_VARIABLE]
  if (json === undefined) {
    throw new Error(
      `${LAUNCH_VARIABLE} is not set. Run this through npm, which finds an Electron first: npm test -- e2e`,
    )
  }
  const launch: unknown = JSON.parse(json)
  if (!isLaunch(launch)) throw new Error(`${LAUNCH_VARIABLE} does not hold what the scripts write: ${json}`)
  return launch
}

function isLaunch(value: unknown): value is ElectronLaunch {
  return (
    typeof value === 'object' &&
    value !== null &&
    'executable' in value &&
    typeof value.executable === 'string' &&
    'args' in value &&
    Array.isArray(value.args) &&
    'env' in value &&
    typeof value.env === 'object'
  )
}
