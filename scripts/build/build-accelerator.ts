import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compileOnce } from './compile-once.ts'

const SOURCES = join('main', 'query-host', 'accelerator', 'native')
/** SQLite's own headers, of the version that the app runs on. */
const HEADERS = join('node_modules', 'better-sqlite3', 'deps', 'sqlite3')

/** How a library is made on a platform. Only that for Linux is tried by the tests. */
type Recipe = {
  compiler: string
  library: string
  arguments: (sources: string[], library: string) => string[]
}

function unixRecipe(library: string, link: string[]): Recipe {
  return {
    compiler: process.env['CC'] ?? 'cc',
    library,
    arguments: (sources, output) => [
      ...['-std=c11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-Werror', '-fPIC', '-fvisibility=hidden'],
      ...['-pthread', ...link, '-I', HEADERS, ...sources, '-o', output],
    ],
  }
}

function recipe(platform: NodeJS.Platform): Recipe {
  if (platform === 'win32') {
    return {
      compiler: 'cl',
      library: 'offloop-sqlite.dll',
      arguments: (sources, output) => [
        ...['/nologo', '/std:c11', '/O2', '/W3', '/LD', '/I', HEADERS, ...sources],
        ...[`/Fe:${output}`, `/Fo:${join('out', 'native')}\\`],
      ],
    }
  }
  if (platform === 'darwin') {
    // Both processors in one file, as the package for macOS has both halves.
    return unixRecipe('offloop-sqlite.dylib', ['-dynamiclib', '-arch', 'x86_64', '-arch', 'arm64'])
  }
  // Without -z defs a function that SQLite does not hand to extensions would be missed only when it is loaded.
  return unixRecipe('offloop-sqlite.so', ['-shared', '-Wl,-z,defs'])
}

/**
 * Builds the SQLite extension into `out/native/` if its sources have changed. Without it the app does everything it
 * does with it, only slower, so that a system without a compiler is told so and nothing fails.
 *
 * @param root the checkout's folder
 * @param say takes one line for a person
 * @returns whether there is an extension now
 */
export async function buildAccelerator(
  root: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<boolean> {
  const { compiler, library, arguments: argumentsFor } = recipe(process.platform)
  const output = join('out', 'native', library)
  const names = (await readdir(join(root, SOURCES))).sort().map((name) => join(SOURCES, name))
  const sources = names.filter((name) => name.endsWith('.c'))
  const compiled = await compileOnce(
    root,
    {
      commands: [[compiler, ...argumentsFor(sources, output)]],
      files: [...names, join(HEADERS, 'sqlite3.h')],
      output,
      stamp: join('out', 'native', 'accelerator-hash'),
    },
    signal,
  )
  switch (compiled.kind) {
    case 'compiled':
      return true
    case 'no-compiler':
      say(
        `There is no C compiler "${compiler}": SQLite is used without Offloop's extension, which is slower.`,
      )
      return false
    case 'refused':
      say(`Offloop's extension of SQLite could not be compiled; SQLite is used without it, which is slower.`)
      say(compiled.said)
      return false
    default:
      return compiled satisfies never
  }
}
