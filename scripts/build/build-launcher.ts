import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compileOnce } from './compile-once.ts'

const SOURCES = join('main', 'service', 'commands', 'native')
const OUTPUT = join('out', 'native', 'offloop-launcher')
const HARDENED = [
  ...['-D_FORTIFY_SOURCE=2', '-fstack-protector-strong', '-fPIE'],
  ...['-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack', '-s'],
]

/**
 * Builds the native launcher of commands into `out/native/` if its sources have changed. Without it commands are started
 * by Perl, which is slower, so that a system without a compiler is told so and nothing fails. Only Linux has one.
 *
 * @param root the checkout's folder
 * @param say takes one line for a person
 * @returns whether there is one now
 */
export async function buildLauncher(
  root: string,
  signal: AbortSignal,
  say: (line: string) => void,
  platform = process.platform,
): Promise<boolean> {
  if (platform !== 'linux') return false
  const names = (await readdir(join(root, SOURCES))).sort().map((name) => join(SOURCES, name))
  const sources = names.filter((name) => name.endsWith('.c'))
  const linkedAs = (way: string): string[] => [
    ...[process.env['CC'] ?? 'cc', '-std=c11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', ...HARDENED, way],
    ...[...sources, '-o', OUTPUT],
  ]
  const compiled = await compileOnce(
    root,
    {
      // A fork of a static program copies least; not every system has the library for that.
      commands: [linkedAs('-static-pie'), linkedAs('-pie')],
      files: names,
      output: OUTPUT,
      stamp: join('out', 'native', 'launcher-hash'),
    },
    signal,
  )
  switch (compiled.kind) {
    case 'compiled':
      return true
    case 'no-compiler':
      say(`There is no C compiler "${compiled.compiler}": commands are started by Perl, which is slower.`)
      return false
    case 'refused':
      say('The native launcher of commands could not be compiled; they are started by Perl, which is slower.')
      say(compiled.said)
      return false
    default:
      return compiled satisfies never
  }
}
