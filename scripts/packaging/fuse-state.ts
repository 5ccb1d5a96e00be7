import { FuseState, FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } from '@electron/fuses'
import { join } from 'node:path'
import type { Configuration } from 'electron-builder'
import type { PackedApp } from './packed-app.ts'

type Fuses = NonNullable<Configuration['electronFuses']>

/** A fuse as it is in a binary. */
export type FoundFuse = {
  /** As @electron/fuses calls it. */
  name: string
  /** Null when this Electron is older than the fuse. */
  isOn: boolean | null
  /** What the configuration wants, or null when it does not name this fuse. */
  wanted: boolean | null
}

/** Every fuse, and how electron-builder calls it. */
const FUSES: readonly { fuse: FuseV1Options; key: keyof Fuses | null }[] = [
  { fuse: FuseV1Options.RunAsNode, key: 'runAsNode' },
  { fuse: FuseV1Options.EnableCookieEncryption, key: 'enableCookieEncryption' },
  { fuse: FuseV1Options.EnableNodeOptionsEnvironmentVariable, key: 'enableNodeOptionsEnvironmentVariable' },
  { fuse: FuseV1Options.EnableNodeCliInspectArguments, key: 'enableNodeCliInspectArguments' },
  { fuse: FuseV1Options.EnableEmbeddedAsarIntegrityValidation, key: 'enableEmbeddedAsarIntegrityValidation' },
  { fuse: FuseV1Options.OnlyLoadAppFromAsar, key: 'onlyLoadAppFromAsar' },
  { fuse: FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, key: 'loadBrowserProcessSpecificV8Snapshot' },
  { fuse: FuseV1Options.GrantFileProtocolExtraPrivileges, key: 'grantFileProtocolExtraPrivileges' },
  // electron-builder refuses a configuration that names it, so `setNinthFuse` sets it.
  { fuse: FuseV1Options.WasmTrapHandlers, key: null },
]

/** Stays on, as Electron ships it: without it WebAssembly, by which outputs are looked through, checks each access itself. */
const WASM_TRAP_HANDLERS = true

/**
 * Sets the one fuse that electron-builder does not know, before the app is signed; nothing where its Electron is older
 * than that fuse.
 */
export async function setNinthFuse({ folder, program }: PackedApp): Promise<void> {
  const binary = join(folder, program)
  const wire = await getCurrentFuseWire(binary)
  if (!isThere(wire[FuseV1Options.WasmTrapHandlers])) return
  await flipFuses(binary, {
    version: FuseVersion.V1,
    [FuseV1Options.WasmTrapHandlers]: WASM_TRAP_HANDLERS,
  })
}

/**
 * Reads the fuses of a packed app back from its binary.
 *
 * @param app `config` is what was wanted of it
 * @returns all nine, also those that its Electron does not have
 */
export async function readFuses({
  folder,
  program,
  config,
}: Pick<PackedApp, 'folder' | 'program' | 'config'>): Promise<FoundFuse[]> {
  const wire = await getCurrentFuseWire(join(folder, program))
  const configured = config.electronFuses ?? {}
  return FUSES.map(({ fuse, key }) => {
    const state = wire[fuse]
    return {
      name: FuseV1Options[fuse],
      isOn: isThere(state) ? state === FuseState.ENABLE : null,
      wanted: key === null ? WASM_TRAP_HANDLERS : (configured[key] ?? null),
    }
  })
}

function isThere(state: FuseState | undefined): boolean {
  return state === FuseState.ENABLE || state === FuseState.DISABLE
}

/**
 * @param mayLack whether the package may hold an Electron that is older than some fuses, as a test package may
 * @returns a line for each fuse, and whether all are as wanted
 */
export function describeFuses(
  fuses: readonly FoundFuse[],
  { mayLack }: { mayLack: boolean },
): { lines: string[]; areAsWanted: boolean } {
  const lines = fuses.map(({ name, isOn, wanted }) => {
    if (isOn === null) return `  --  ${name}: this Electron is older than that fuse`
    const state = `  ${isOn ? 'on ' : 'off'} ${name}`
    if (wanted === null) return `${state}, but nothing says how it should be`
    return wanted === isOn ? state : `${state}, but it should be ${wanted ? 'on' : 'off'}`
  })
  return {
    lines,
    areAsWanted: fuses.every(({ isOn, wanted }) => (isOn === null ? mayLack : wanted === isOn)),
  }
}
