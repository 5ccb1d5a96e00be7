import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import type { Invocation } from '../platform/platform.ts'
import { findNativeLauncher } from './native-launcher.ts'

const WRAPPER = fileURLToPath(new URL('../../../resources/wrapper/wrapper.pl', import.meta.url))
const native = await findNativeLauncher(fileURLToPath(new URL('../../../out', import.meta.url)))

/** What starts commands, for tests that must hold for either. The native one was built before the tests, where it can be. */
export const LAUNCHERS: readonly (readonly [by: string, launcher: Invocation])[] = [
  ['by Perl', { program: 'perl', args: [WRAPPER] }],
  ...(native === undefined ? [] : [['natively', { program: native, args: [] }] as const]),
]

/** Has the services of a test, and those in processes of their own, start commands by that launcher. */
export function useLauncher({ program }: Invocation): void {
  vi.stubEnv('OFFLOOP_NATIVE_LAUNCHER', program === 'perl' ? 'off' : 'on')
}
