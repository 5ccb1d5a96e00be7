import { execFile } from 'node:child_process'
import { access, constants, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { _electron, expect, test, type ElectronApplication, type Page } from 'playwright/test'
import { readFuses } from '../../scripts/packaging/fuse-state.ts'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'

/** What `npm run package -- --test` has made: Offloop in the form in which people get it. */
const folder = join(import.meta.dirname, '..', '..', 'dist', 'test-package', 'linux-unpacked')
const program = 'offloop-test-package'
const resources = join(folder, 'resources')

/**
 * Bundled code is 4.7 MB, of which charts are 1.1, and the launcher, which is linked statically, 0.7; more than this means
 * that something came along which is not needed to run.
 */
const ARCHIVE_LIMIT_BYTES = 6_000_000

test.skip(process.platform !== 'linux', 'what is inside a package is looked at on Linux')

let profile: string
let app: ElectronApplication
let page: Page

test.beforeAll(async () => {
  const { args, env } = launchFromEnvironment(process.env)
  profile = await mkdtemp(join(tmpdir(), 'offloop-package-'))
  app = await _electron.launch({
    executablePath: join(folder, program),
    args,
    env: { ...process.env, ...env, OFFLOOP_PROFILE: profile },
    chromiumSandbox: true,
  })
  page = await app.firstWindow()
})
test.afterAll(async () => {
  await app.close()
  await rm(profile, { recursive: true, force: true, maxRetries: 5 })
})

test('the packaged app is Offloop, out of its archive', async () => {
  const about = await app.evaluate(({ app }) => ({ packaged: app.isPackaged, path: app.getAppPath() }))
  expect(about).toEqual({ packaged: true, path: join(resources, 'app.asar') })
  await expect(page).toHaveTitle(/Offloop/)
})

test('the fuses in the packaged program are as they are meant to be, read back from it', async () => {
  const fuses = await readFuses({ folder, program, config: {} })
  const found = Object.fromEntries(fuses.map(({ name, isOn }) => [name, isOn]))
  // Newer than the older Electron that a test package may hold.
  const ninth = { WasmTrapHandlers: found['WasmTrapHandlers'] === null ? null : true }
  if (ninth.WasmTrapHandlers === null) console.log('This Electron is older than the fuse WasmTrapHandlers.')
  expect(found).toEqual({
    RunAsNode: false,
    EnableCookieEncryption: true,
    EnableNodeOptionsEnvironmentVariable: false,
    // The one that differs from what people get: Playwright drives the program through it.
    EnableNodeCliInspectArguments: true,
    EnableEmbeddedAsarIntegrityValidation: true,
    OnlyLoadAppFromAsar: true,
    LoadBrowserProcessSpecificV8Snapshot: false,
    GrantFileProtocolExtraPrivileges: false,
    ...ninth,
  })
})

test('the packaged program is no Node, and takes no script, whatever the environment asks', async () => {
  const asked = join(profile, 'asked')
  const script = join(profile, 'asked.cjs')
  await writeFile(script, `require('node:fs').writeFileSync(${JSON.stringify(asked)}, '')`)
  // A Node would refuse these words; Offloop's command line answers them.
  const words = [
    ...launchFromEnvironment(process.env).args,
    '--ozone-platform=headless',
    '--disable-gpu',
    '--cli',
    '--',
    '--version',
  ]
  const { stdout } = await promisify(execFile)(join(folder, program), words, {
    env: {
      ...process.env,
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: `--require=${script}`,
      OFFLOOP_PROFILE: profile,
    },
  })
  expect(stdout).toMatch(/\d+\.\d+\.\d+/)
  await expect(access(asked)).rejects.toThrow('ENOENT')
})

test('it makes its sample database and counts a million rows of it', async () => {
  await expect(page.getByTestId('tree-database').first()).toBeVisible({ timeout: 60_000 })
  const editor = page.getByTestId('editor').getByRole('textbox')
  await editor.click()
  await editor.fill('SELECT count(*) FROM order_items')
  await page.keyboard.press('ControlOrMeta+Enter')
  await expect(page.getByTestId('grid').locator('[data-row="0"][data-column="0"]')).toHaveText('1000000')
})

test('it runs a command under the wrapper that lies beside the archive', async () => {
  await page.getByTestId('activity-runs').click()
  await page.getByTestId('new-command').first().click()
  await page.getByTestId('command-line').fill('echo "packaged $((6 * 7))"; exit 7')
  await page.getByTestId('start-command').click()
  await expect(page.getByTestId('log').locator('[data-line="0"]')).toContainText('packaged 42')
  await expect(page.getByTestId('run-state')).toContainText('exit code 7')
})

test('the archive holds what runs and nothing else', async () => {
  // Electron's own file functions look into the archive.
  const { files, bytes } = await app.evaluate(async ({ app }) => {
    const { readdir, stat } = process.getBuiltinModule('node:fs/promises')
    const { join } = process.getBuiltinModule('node:path')
    const root = app.getAppPath()
    const found: string[] = []
    const open = ['']
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      for (const name of await readdir(join(root, at))) {
        const path = at === '' ? name : `${at}/${name}`
        if ((await stat(join(root, path))).isDirectory()) open.push(path)
        else found.push(path)
      }
    }
    let sum = 0
    for (const path of found) sum += (await stat(join(root, path))).size
    return { files: found, bytes: sum }
  })
  console.log(`The archive holds ${files.length} files of ${(bytes / 1e6).toFixed(1)} MB.`)

  const expected =
    /^(package\.json|out\/(main|preload|renderer)\/.*|out\/native\/(offloop-sqlite\.(so|dylib|dll)|offloop-launcher)|node_modules\/better-sqlite3\/(package\.json|LICENSE|lib\/.*\.js|prebuilds\/linux-(x64|arm64)\.node))$/
  expect(files.filter((path) => !expected.test(path))).toEqual([])
  expect(files.filter((path) => /\.(ts|vue|map|cpp|c)$/.test(path))).toEqual([])
  expect(files.filter((path) => path.endsWith('.node'))).toHaveLength(1)
  expect(files).toContain('out/main/index.js')
  // The native library is counted although it lies outside.
  const native = 2_300_000
  expect(bytes - native).toBeLessThan(ARCHIVE_LIMIT_BYTES)

  const manifest: unknown = JSON.parse(
    await app.evaluate(({ app }) => {
      const { readFile } = process.getBuiltinModule('node:fs/promises')
      return readFile(`${app.getAppPath()}/package.json`, 'utf8')
    }),
  )
  expect(manifest).not.toHaveProperty('devDependencies')
  expect(manifest).not.toHaveProperty('scripts')
})

test('beside the archive lie the files that are not read by Electron, and no other app', async () => {
  expect((await readdir(resources)).sort()).toEqual([
    'app.asar',
    'app.asar.unpacked',
    'bin',
    'icons',
    'migrations',
    'wrapper',
  ])
  await access(join(resources, 'wrapper', 'wrapper.pl'))
  // Only what may be executed starts commands.
  await access(join(resources, 'app.asar.unpacked', 'out', 'native', 'offloop-launcher'), constants.X_OK)
  expect(
    await readdir(join(resources, 'app.asar.unpacked', 'node_modules', 'better-sqlite3', 'prebuilds')),
  ).toEqual([`linux-${process.arch}.node`])
})

test('a test package says that it must not be handed on', async () => {
  expect(await readFile(join(folder, 'NOT-FOR-DISTRIBUTION.txt'), 'utf8')).toContain('Do not hand it on')
})
