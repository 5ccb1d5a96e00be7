import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { join } from 'node:path'
import type { Configuration } from 'electron-builder'
import type { PackedApp } from './packed-app.ts'

type Fuses = NonNullable<Configuration['electronFuses']>

/** A fuse as it is in a binary. */
export type FoundFuse = {
  /** As @electron/fuses calls it. */
  name: string
  isOn: boolean
  /** What the configuration wants, or null when it does not name this fuse. */
  wanted: boolean | null
}

/** Every fuse, and how electron-builder calls it; null for one that it does not know. */
const FUSES: readonly { fuse: FuseV1Options; key: keyof Fuses | null }[] = [
  { fuse: FuseV1Options.RunAsNode, key: 'runAsNode' },
  { fuse: FuseV1Options.EnableCookieEncryption, key: 'enableCookieEncryption' },
  { fuse: FuseV1Options.EnableNodeOptionsEnvironmentVariable, key: 'enableNodeOptionsEnvironmentVariable' },
  { fuse: FuseV1Options.EnableNodeCliInspectArguments, key: 'enableNodeCliInspectArguments' },
  { fuse: FuseV1Options.EnableEmbeddedAsarIntegrityValidation, key: 'enableEmbeddedAsarIntegrityValidation' },
  { fuse: FuseV1Options.OnlyLoadAppFromAsar, key: 'onlyLoadAppFromAsar' },
  { fuse: FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, key: 'loadBrowserProcessSpecificV8Snapshot' },
  { fuse: FuseV1Options.GrantFileProtocolExtraPrivileges, key: 'grantFileProtocolExtraPrivileges' },
  { fuse: FuseV1Options.WasmTrapHandlers, key: null },
]

/**
 * Reads the fuses of a packed app back from its binary.
 *
 * @returns every fuse that its Electron has
 */
export async function readFuses({ folder, program, config }: PackedApp): Promise<FoundFuse[]> {
  const wire = await getCurrentFuseWire(join(folder, program))
  const configured = config.electronFuses ?? {}
  return FUSES.flatMap(({ fuse, key }) => {
    const state = wire[fuse]
    if (state !== FuseState.ENABLE && state !== FuseState.DISABLE) return []
    const wanted = key === null ? null : (configured[key] ?? null)
    return [{ name: FuseV1Options[fuse], isOn: state === FuseState.ENABLE, wanted }]
  })
}

/** @returns a line for each fuse, and whether all that are wanted are as wanted */
export function describeFuses(fuses: readonly FoundFuse[]): { lines: string[]; areAsWanted: boolean } {
  const lines = fuses.map(({ name, isOn, wanted }) => {
    const state = `  ${isOn ? 'on ' : 'off'} ${name}`
    if (wanted === null) return `${state} (as Electron ships it)`
    return wanted === isOn ? state : `${state}, but it should be ${wanted ? 'on' : 'off'}`
  })
  return { lines, areAsWanted: fuses.every(({ isOn, wanted }) => wanted === null || wanted === isOn) }
}
