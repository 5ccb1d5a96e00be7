import { access } from 'node:fs/promises'
import { join } from 'node:path'

/** The extension's file by platform; the same name everywhere, which is also that of its entry points. */
const ENDINGS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'dylib', win32: 'dll' }

/** Where the build puts the extension. @param out the folder with everything that was built. */
export function libraryIn(out: string): string {
  return join(out, 'native', `offloop-sqlite.${ENDINGS[process.platform] ?? 'so'}`)
}

/**
 * Looks for the extension of the built app.
 * @param out the folder with everything that was built. In a package it lies beside the archive, because the system
 * cannot load a library out of one.
 * @returns undefined when it was not built, or OFFLOOP_ACCELERATOR is `off`.
 */
export async function findLibrary(out: string): Promise<string | undefined> {
  if (process.env['OFFLOOP_ACCELERATOR'] === 'off') return undefined
  const library = libraryIn(out.replace(/app\.asar(?=[/\\]|$)/, 'app.asar.unpacked'))
  try {
    await access(library)
    return library
  } catch {
    return undefined
  }
}
