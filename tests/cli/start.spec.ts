import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readFile, rename, stat, symlink, unlink, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'playwright/test'
import { launchFromEnvironment } from '../../scripts/runtime/electron-launch.ts'
import { ended, openCommandLine, type CommandLine, type Ended } from './offloop.ts'

const root = join(import.meta.dirname, '..', '..')
let offloop: CommandLine
test.beforeEach(async () => {
  offloop = await openCommandLine()
})
test.afterEach(() => offloop.close())

interface Process {
  readonly role: string
  readonly pid: number
}

async function processes(): Promise<Process[]> {
  const { stdout } = await offloop.run(['doctor', '--json'])
  const { running } = JSON.parse(stdout) as { running: { processes: Process[] } | null }
  return running?.processes ?? []
}

test('two at the same moment start one Offloop without a window, which outlives them until it is told to quit', async () => {
  expect((await offloop.run(['doctor'])).status).toBe(1)
  const both = await Promise.all([offloop.run(['databases']), offloop.run(['databases'])])
  expect(both.map(({ status }) => status)).toEqual([0, 0])
  expect((await offloop.run(['doctor'])).stdout).toMatch(/commands +started (natively|by Perl)/)
  const roles = (await processes()).map(({ role }) => role)
  expect(roles.filter((role) => role === 'main')).toEqual(['main'])
  expect(roles).not.toContain('renderer')
  expect((await offloop.run(['quit'])).status).toBe(0)
  expect((await offloop.run(['doctor'])).status).toBe(1)
  expect((await offloop.run(['quit'])).status).toBe(0)
})

test('nobody but its owner reaches the socket', async () => {
  await offloop.run(['databases'])
  const folder = join(offloop.profile, 'command-line')
  const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777
  expect(await mode(folder)).toBe(0o700)
  expect(await mode(join(folder, 'endpoint.json'))).toBe(0o600)
  expect(await mode(join(folder, 'offloop.sock'))).toBe(0o600)
})

test('without the token nothing is answered', async () => {
  await offloop.run(['databases'])
  const endpoint = join(offloop.profile, 'command-line', 'endpoint.json')
  const right = await readFile(endpoint, 'utf8')
  const { path } = JSON.parse(right) as { path: string }
  await writeFile(endpoint, JSON.stringify({ path, token: '0'.repeat(64) }))
  const { status, stderr } = await offloop.run(['databases'])
  expect(status).toBe(1)
  expect(stderr).toContain('token')
  // Bytes that are no greeting end the connection.
  const socket = connect(path)
  socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3]))
  await once(socket, 'close')
  // So that its Offloop can be ended.
  await writeFile(endpoint, right)
})

test('a socket left behind is replaced', async () => {
  const folder = join(offloop.profile, 'command-line')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const server = createServer()
  server.listen(join(folder, 'left.sock'))
  await once(server, 'listening')
  await rename(join(folder, 'left.sock'), join(folder, 'offloop.sock'))
  server.close()
  expect((await offloop.run(['databases'])).status).toBe(0)
})

test('a folder that is a link, or that others can read, is not trusted', async () => {
  await offloop.run(['databases'])
  const folder = join(offloop.profile, 'command-line')
  await chmod(folder, 0o755)
  const open = await offloop.run(['databases'])
  expect([open.status, open.stderr.includes('not trusted')]).toEqual([1, true])
  await chmod(folder, 0o700)
  await rename(folder, offloop.at('elsewhere'))
  await symlink(offloop.at('elsewhere'), folder)
  const linked = await offloop.run(['databases'])
  expect([linked.status, linked.stderr.includes('not trusted')]).toEqual([1, true])
  await unlink(folder)
  await rename(offloop.at('elsewhere'), folder)
})

test('kill -9 of the service fails what was running with a clear message, and the next command works', async () => {
  const database = offloop.make('a.db', 'create table t(a)')
  const running = offloop.run([
    'query',
    database,
    'with recursive r(n) as (select 1 union all select n+1 from r) select count(*) from r',
  ])
  await expect.poll(async () => (await processes()).map(({ role }) => role)).toContain('query-host')
  const service = (await processes()).find(({ role }) => role === 'service')
  process.kill(service?.pid ?? 0, 'SIGKILL')
  const { status, stderr } = await running
  expect(status).toBe(1)
  expect(stderr).toContain('host-lost')
  const next = await offloop.run(['query', database, 'select 1 as one', '--format', 'csv'])
  expect([next.status, next.stdout]).toEqual([0, 'one\n1\n'])
})

test('a person who starts Offloop while it runs in the background gets a window', async () => {
  const { executable, args, env } = launchFromEnvironment(process.env)
  await offloop.run(['databases'])
  await offloop.run(['quit'])
  // On this display, not without one.
  const first = offloop.start(['databases'], { DISPLAY: process.env['DISPLAY'] })
  await once(first, 'close')
  expect((await processes()).map(({ role }) => role)).not.toContain('renderer')
  const second = spawn(executable, [...args, root], {
    env: { ...process.env, ...env, OFFLOOP_PROFILE: offloop.profile },
    stdio: 'ignore',
  })
  await once(second, 'close')
  await expect.poll(async () => (await processes()).map(({ role }) => role)).toContain('renderer')
})

test("an installed Offloop's own program runs the command line, without a window", async () => {
  const { executable, args, env } = launchFromEnvironment(process.env)
  const database = offloop.make('own.db', 'create table t(a); insert into t values (1)')
  await offloop.run(['databases'])
  const run = async (words: readonly string[], input = ''): Promise<Ended> => {
    const switches = ['--ozone-platform=headless', '--disable-gpu', '--log-level=3', root, '--cli', '--']
    const child = spawn(executable, [...args, ...switches, ...words], {
      env: { ...process.env, ...env, DISPLAY: undefined, OFFLOOP_PROFILE: offloop.profile },
    })
    child.stdin.end(input)
    return ended(child)
  }
  const rows = await run(['query', database, '--format', 'csv'], "select a, 'x' as p from t")
  expect([rows.status, rows.stdout]).toEqual([0, 'a,p\n1,x\n'])
  expect((await run(['query', database, 'select nope'])).status).toBe(1)
  expect((await run(['nope'])).status).toBe(2)
})

test('a profile whose path is too long for a socket works all the same', async () => {
  const long = await openCommandLine('long-'.repeat(30))
  try {
    const { status } = await long.run(['databases'])
    expect(status).toBe(0)
    const endpoint = await readFile(join(long.profile, 'command-line', 'endpoint.json'), 'utf8')
    expect((JSON.parse(endpoint) as { path: string }).path.length).toBeLessThan(104)
  } finally {
    await long.close()
  }
})
