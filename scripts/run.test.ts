import { cp, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runCommand, type CommandResult } from './process/run-command.ts'
import { deadRegistry, pointNpmTo, serveNpmRegistry, sha512 } from './runtime/npm-registry-fixture.ts'
import { putOnPath } from './runtime/path-fixture.ts'
import { temporaryFolder } from './runtime/temporary-folder-fixture.ts'

const scripts = import.meta.dirname
const { signal } = new AbortController()

/** A checkout with these scripts and one package to install, which a registry of its own serves. */
async function checkout(integrity: string, address: string): Promise<string> {
  const root = await temporaryFolder()
  await mkdir(join(root, 'scripts'))
  await cp(join(scripts, 'run.mjs'), join(root, 'scripts', 'run.mjs'))
  await cp(join(scripts, 'bootstrap'), join(root, 'scripts', 'bootstrap'), { recursive: true })
  await writeFile(
    join(root, 'scripts', 'hello.ts'),
    'const words: string[] = process.argv.slice(2)\nconsole.log(process.cwd(), ...words)\nprocess.exitCode = 6',
  )
  const project = { name: 'project', version: '1.0.0', dependencies: { thing: '1.0.0' } }
  const thing = { version: '1.0.0', resolved: `${address}thing/-/package.tgz`, integrity }
  await writeFile(join(root, 'package.json'), JSON.stringify(project))
  await writeFile(
    join(root, 'package-lock.json'),
    JSON.stringify({
      ...project,
      lockfileVersion: 3,
      packages: { '': project, 'node_modules/thing': thing },
    }),
  )
  return root
}

async function packThing(): Promise<Buffer> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'package'))
  await writeFile(join(folder, 'package', 'package.json'), '{"name":"thing","version":"1.0.0"}')
  await runCommand('tar', ['-czf', join(folder, 'thing.tgz'), '-C', folder, 'package'], { signal })
  return readFile(join(folder, 'thing.tgz'))
}

function run(root: string, ...words: string[]): Promise<CommandResult> {
  return runCommand(process.execPath, [join(root, 'scripts', 'run.mjs'), ...words], {
    signal,
    cwd: '/',
    env: { ...process.env, npm_config_cache: join(root, 'npm-cache') },
  })
}

describe('node scripts/run.mjs', () => {
  test('installs the packages once, then runs the task with its arguments and exit code', async () => {
    const tarball = await packThing()
    const registry = await serveNpmRegistry({ name: 'thing', version: '1.0.0', tarball })
    const root = await checkout(`sha512-${sha512(tarball)}`, registry.address)
    const expected = { code: 6, stdout: `${root} one two\n` }

    const first = await run(root, 'hello', 'one', 'two')
    expect(first).toMatchObject(expected)
    expect(first.stderr).toContain('Installing the packages')
    const second = await run(root, 'hello', 'one', 'two')
    expect(second).toMatchObject({ ...expected, stderr: '' })
    expect(registry.downloads()).toBe(1)
  })

  test('installs once when several commands are the first at the same time', async () => {
    const tarball = await packThing()
    const registry = await serveNpmRegistry({ name: 'thing', version: '1.0.0', tarball })
    const root = await checkout(`sha512-${sha512(tarball)}`, registry.address)
    const results = await Promise.all([run(root, 'hello'), run(root, 'hello'), run(root, 'hello')])
    expect(results.map(({ code }) => code)).toEqual([6, 6, 6])
    expect(results.filter(({ stderr }) => stderr.includes('Installing the packages'))).toHaveLength(1)
  })

  test('installs again after an installation that broke off', async () => {
    const tarball = await packThing()
    const registry = await serveNpmRegistry({ name: 'thing', version: '1.0.0', tarball })
    const root = await checkout(`sha512-${sha512(tarball)}`, registry.address)
    await run(root, 'hello')
    const record = join(root, 'node_modules', '.package-lock.json')
    await rename(record, `${record}.lost`)
    expect((await run(root, 'hello')).stderr).toContain('Installing the packages')
    expect((await stat(record)).isFile()).toBe(true)
  })

  test('says that no registry answered', async () => {
    const address = await deadRegistry()
    pointNpmTo(address)
    const { code, stderr } = await run(await checkout('sha512-AA==', address), 'hello')
    expect(code).toBe(1)
    expect(stderr).toMatch(/could not be installed \(ECONNREFUSED.*\n.*Connect to a network/)
  })

  test('says that a download arrived damaged', async () => {
    const tarball = await packThing()
    const other = `sha512-${sha512(Buffer.from('another content'))}`
    const registry = await serveNpmRegistry({ name: 'thing', version: '1.0.0', tarball })
    const { code, stderr } = await run(await checkout(other, registry.address), 'hello')
    expect(code).toBe(1)
    expect(stderr).toMatch(/could not be installed \(EINTEGRITY.*\n.*arrived damaged/)
  })

  test('says that package.json and the lock file do not agree', async () => {
    const root = await checkout('sha512-AA==', await deadRegistry())
    await writeFile(join(root, 'package.json'), '{"name":"project","dependencies":{"other":"1.0.0"}}')
    const { code, stderr } = await run(root, 'hello')
    expect(code).toBe(1)
    expect(stderr).toContain('package.json and package-lock.json do not agree')
  })

  test('says that npm is missing', async () => {
    await putOnPath({}, 'hidden')
    const root = await checkout('sha512-AA==', await deadRegistry())
    const { code, stderr } = await runCommand(process.execPath, [join(root, 'scripts', 'run.mjs'), 'hello'], {
      signal,
      env: { PATH: process.env['PATH'] },
    })
    expect(code).toBe(1)
    expect(stderr).toContain('npm could not be started')
  })

  test('lists the tasks when there is none of that name', async () => {
    const root = await checkout('sha512-AA==', 'http://127.0.0.1:1/')
    for (const word of ['nothing', '../hello', '']) {
      const { code, stderr } = await run(root, word)
      expect(code).toBe(2)
      expect(stderr).toBe(`There is no task "${word}". The tasks are: hello.\n`)
    }
  })
})
