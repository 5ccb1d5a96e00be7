import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:net'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test, type TestContext } from 'vitest'
import { canRun } from '../process/can-run.ts'
import { putOnPath } from './path-fixture.ts'
import { openDisplay } from './virtual-display.ts'
import { setupFailure } from './setup-failure-fixture.ts'

const { signal } = new AbortController()

/** The first byte of a display server's answer. Source: X Window System Protocol, section 8. */
const REFUSED = 0
const ACCEPTED = 1

async function needsXvfb(test: TestContext): Promise<void> {
  if (!(await canRun('Xvfb', '-help', signal))) test.skip('Xvfb is not installed')
}

function socketOf(display: string): string {
  return `/tmp/.X11-unix/X${display.slice(1)}`
}

/** Introduces itself to a display server with the cookie, and returns the first byte of the answer. */
async function greet(display: string, cookie: Buffer): Promise<number | undefined> {
  const name = cookie.length === 0 ? '' : 'MIT-MAGIC-COOKIE-1'
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
  const head = Buffer.from('l\0\x0b\0\0\0\0\0\0\0\0\0', 'latin1')
  head.writeUInt16LE(name.length, 6)
  head.writeUInt16LE(cookie.length, 8)
  const connection = connect(socketOf(display))
  connection.write(Buffer.concat([head, padded(Buffer.from(name)), padded(cookie)]))
  const answer = await new Promise<Buffer>((resolve, reject) => {
    connection.once('data', resolve)
    connection.once('error', reject)
  })
  connection.destroy()
  return answer[0]
}

describe('openDisplay', () => {
  test('takes the display of the session when there is one', async () => {
    const display = await openDisplay({ DISPLAY: ':7' }, 'linux')
    expect(display).toMatchObject({ isVirtual: false, env: {} })
  })

  test('starts one that lets in who has the cookie and nobody else, and ends it', async (context) => {
    await needsXvfb(context)
    const display = await openDisplay({}, 'linux')
    const { DISPLAY = '', XAUTHORITY = '' } = display.env
    const COOKIE_BYTES = 16
    const cookie = (await readFile(XAUTHORITY)).subarray(-COOKIE_BYTES)
    expect(await greet(DISPLAY, cookie)).toBe(ACCEPTED)
    expect(await greet(DISPLAY, Buffer.alloc(0))).toBe(REFUSED)
    expect(await greet(DISPLAY, Buffer.alloc(COOKIE_BYTES))).toBe(REFUSED)
    const OTHERS = 0o077
    expect((await stat(XAUTHORITY)).mode & OTHERS).toBe(0)

    await display.close()
    await expect(stat(socketOf(DISPLAY))).rejects.toThrow('ENOENT')
    await expect(stat(XAUTHORITY)).rejects.toThrow('ENOENT')
  })

  test('starts two side by side', async (context) => {
    await needsXvfb(context)
    const displays = await Promise.all([openDisplay({}, 'linux'), openDisplay({}, 'linux')])
    expect(displays[0].env.DISPLAY).not.toBe(displays[1].env.DISPLAY)
    await Promise.all(displays.map((display) => display.close()))
  })

  test('ends the display server when its own process is killed', async (context) => {
    await needsXvfb(context)
    const script = `
      import { openDisplay } from './virtual-display.ts'
      const { DISPLAY, XAUTHORITY } = (await openDisplay({}, 'linux')).env
      console.log([DISPLAY, XAUTHORITY].join(' '))
    `
    const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const words = await new Promise<Buffer>((resolve) => owner.stdout.once('data', resolve))
    const [number = '', authority = ''] = words.toString().trim().split(' ')
    const connection = connect(socketOf(number))
    await once(connection, 'connect')
    const folder = join(authority, '..')
    const watcher = watch(folder)
    onTestFinished(() => watcher.close())
    const cleared = once(watcher, 'change')
    // A server that ends may reset its connections; gone is gone.
    const gone = new Promise((resolve) => connection.once('error', resolve).once('close', resolve))
    owner.kill('SIGKILL')
    await gone
    await cleared
    await expect(stat(authority)).rejects.toThrow('ENOENT')
  })

  test("shows the server's own words when it does not start", async () => {
    await putOnPath({ Xvfb: 'echo "cannot open the screen" >&2; exit 1' }, 'kept')
    const failure = await setupFailure(openDisplay({}, 'linux'))
    expect(failure.code).toBe('not-runnable')
    expect(failure.message).toContain('cannot open the screen')
  })
})
