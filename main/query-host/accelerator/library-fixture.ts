import { fileURLToPath } from 'node:url'
import { findLibrary } from './library.ts'

/** The extension as it was built before the tests; undefined where there is no compiler, as the build has said. */
export const builtLibrary = await findLibrary(fileURLToPath(new URL('../../../out', import.meta.url)))

/** Both ways in which a host can work, for tests that must hold for either. */
export const BOTH_WAYS: readonly (readonly [way: string, library: string | undefined])[] = [
  ['in JavaScript', undefined],
  ...(builtLibrary === undefined ? [] : [['with the extension', builtLibrary] as const]),
]
