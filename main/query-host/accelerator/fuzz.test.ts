import { execFile } from 'node:child_process'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { builtLibrary } from './library-fixture.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..', '..')
const SQLITE = join(ROOT, 'node_modules', 'better-sqlite3', 'deps', 'sqlite3')
const NATIVE = join(import.meta.dirname, 'native')
/** One compilation of SQLite takes 10 s on two busy cores, and is kept; that of the program 3 s; each table 0.2 s. */
const PATIENCE_MS = 180_000
/** Another one each time finds more; a failure names it, so that it can be had again. */
const SEED = String(process.env['OFFLOOP_FUZZ_SEED'] ?? Date.now() % 1_000_000)
const ROUNDS = String(process.env['OFFLOOP_FUZZ_ROUNDS'] ?? 15)
const COMPILER = process.env['CC'] ?? 'cc'

/** Compiles SQLite once for its version, without sanitizers: what it does with our memory they see all the same. */
async function compileSqlite(): Promise<string> {
  const database = new Database(':memory:')
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get())
  database.close()
  const folder = join(ROOT, '.cache', 'accelerator')
  const object = join(folder, `sqlite-${version}.o`)
  try {
    await access(object)
  } catch {
    await mkdir(folder, { recursive: true })
    const unfinished = `${object}.${process.pid}`
    await run(COMPILER, ['-w', '-c', '-DSQLITE_THREADSAFE=2', join(SQLITE, 'sqlite3.c'), '-o', unfinished])
    await rename(unfinished, object)
  }
  return object
}

it.skipIf(builtLibrary === undefined || process.platform !== 'linux')(
  `survives random tables, misuse, damaged files and failing memory under AddressSanitizer (seed ${SEED})`,
  { timeout: PATIENCE_MS },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'offloop-fuzz-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const sources = (await readdir(NATIVE)).filter((name) => name.endsWith('.c'))
    const program = join(folder, 'fuzz')
    await run(COMPILER, [
      ...['-std=c11', '-D_GNU_SOURCE', '-DSQLITE_CORE', '-g', '-O1', '-Wall', '-Wextra', '-Werror'],
      ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-pthread', '-I', SQLITE],
      ...[join(import.meta.dirname, 'fuzz', 'fuzz.c'), ...sources.map((name) => join(NATIVE, name))],
      ...[await compileSqlite(), '-o', program, '-lm', '-ldl'],
    ])
    const { stdout } = await run(program, [SEED, ROUNDS, folder])
    const [tables, refusals, damaged, failures] = [...stdout.matchAll(/\d+/g)].map(Number)
    expect(tables).toBe(Number(ROUNDS))
    expect(damaged).toBeGreaterThan(0)
    expect(refusals).toBeGreaterThan(0)
    expect(failures).toBeGreaterThan(0)
  },
)
