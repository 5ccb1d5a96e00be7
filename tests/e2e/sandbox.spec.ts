import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'playwright/test'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'

/** The sandbox as people have it: the other tests run as root where they run in a container, and Chromium has none then. */

const ROOT = join(import.meta.dirname, '..', '..')
/** The user "nobody", who owns nothing. */
const NOBODY = 65_534
/** The kernel's number for a filter of system calls: https://docs.kernel.org/filesystems/proc.html */
const SECCOMP_FILTER = '2'

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0
const asNobody: readonly [string, ...string[]] = isRoot
  ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--']
  : ['env', '--']

let folder: string
let child: ChildProcess | undefined

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-sandbox-'))
})
test.afterEach(async () => {
  if (child?.exitCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  // Its processes follow it, and write until then.
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
})

/** Whether an ordinary user may make namespaces on this machine, without which Chromium has no sandbox. */
async function mayMakeNamespaces(): Promise<boolean> {
  const [command, ...words] = [...asNobody, 'unshare', '--user', '--map-root-user', 'true']
  return run(command, words).then(
    () => true,
    () => false,
  )
}

/** Copies Electron and the built app to where every user may read them. @returns the program, the app and the variables. */
async function copyForAll(): Promise<{ program: string; app: string; env: Record<string, string> }> {
  const { executable, env } = launchFromEnvironment(process.env)
  const app = join(folder, 'app')
  await mkdir(join(folder, 'profile'))
  await chmod(folder, 0o755)
  if (isRoot) await chown(join(folder, 'profile'), NOBODY, NOBODY)
  await cp(dirname(executable), join(folder, 'electron'), { recursive: true })
  for (const part of ['out', 'package.json', 'resources', 'node_modules/better-sqlite3'])
    await cp(join(ROOT, part), join(app, part), { recursive: true })
  const binding = env['OFFLOOP_SQLITE_BINDING']
  if (binding !== undefined) await cp(binding, join(folder, basename(binding)))
  const authority = process.env['XAUTHORITY']
  // The display asks who it is.
  const display = join(folder, 'display')
  if (authority !== undefined) {
    await cp(authority, display)
    await chmod(display, 0o644)
  }
  return {
    program: join(folder, 'electron', basename(executable)),
    app,
    env: {
      ...(authority !== undefined && { XAUTHORITY: display }),
      ...(binding !== undefined && { OFFLOOP_SQLITE_BINDING: join(folder, basename(binding)) }),
    },
  }
}

/** Processes of the copied program whose words name a kind, by what the kernel says of them. */
async function ofKind(kind: string): Promise<readonly { words: string; status: string; user: string }[]> {
  const found = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (!words.includes(join(folder, 'electron')) || !words.includes(`--type=${kind}`)) continue
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
    const user = await readlink(`/proc/${pid}/ns/user`).catch(() => '')
    found.push({ words, status, user })
  }
  return found
}

test('for an ordinary user the page runs in Chromium’s sandbox: its own namespaces, and few system calls', async () => {
  test.skip(process.platform !== 'linux', 'the kernel is asked on Linux')
  if (!(await mayMakeNamespaces())) {
    console.log('This machine forbids user namespaces, so the sandbox cannot be seen at work here.')
    test.skip(true, 'this machine forbids user namespaces')
  }
  const { program, app, env } = await copyForAll()
  const [command, ...words] = [...asNobody, program, '--disable-gpu', '--log-level=3', app]
  const profile = join(folder, 'profile')
  child = spawn(command, words, {
    cwd: folder,
    env: { ...process.env, ...env, HOME: profile, OFFLOOP_PROFILE: profile },
    stdio: 'ignore',
  })
  await expect
    .poll(async () => (await ofKind('renderer')).length, { timeout: 60_000 })
    .toBeGreaterThanOrEqual(1)
  // The page is there, and what does its work too.
  await expect
    .poll(
      () =>
        access(join(profile, 'offloop.db')).then(
          () => true,
          () => false,
        ),
      { timeout: 60_000 },
    )
    .toBe(true)

  const own = await readlink('/proc/self/ns/user')
  const pages = await ofKind('renderer')
  expect(pages).not.toHaveLength(0)
  for (const { words, status, user } of pages) {
    expect(words).not.toContain('--no-sandbox')
    expect(/^Seccomp:\s+(\d)/m.exec(status)?.[1]).toBe(SECCOMP_FILTER)
    expect(/^NoNewPrivs:\s+(\d)/m.exec(status)?.[1]).toBe('1')
    expect(/^CapEff:\s+(\w+)/m.exec(status)?.[1]).toMatch(/^0+$/)
    expect(/^Uid:\s+(\d+)/m.exec(status)?.[1]).not.toBe('0')
    // It has another number within its own namespace.
    expect(/^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).length).toBeGreaterThan(1)
    expect(user).not.toBe(own)
  }
})
