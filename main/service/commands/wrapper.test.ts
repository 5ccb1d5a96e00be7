import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import type { Invocation } from '../platform/platform.ts'
import { launchRequest } from './launch-request.ts'
import { LAUNCHERS } from './launcher-fixture.ts'

describe.each(LAUNCHERS)('a wrapper that is started %s', (_by, launcher) => {
  test('starts nothing when its start was given up meanwhile', async () => {
    const attempt = await temporaryFolder()
    writeFileSync(join(attempt, 'wrapper'), '')
    expect(await wrap(launcher, attempt, `touch ${attempt}/proof`).next()).toBe('7 gone')
    expect(existsSync(join(attempt, 'proof'))).toBe(false)
    expect(existsSync(join(attempt, 'command'))).toBe(false)
  })

  test('outlives the signals that end ordinary programs, and the command does not inherit that', async () => {
    const attempt = await temporaryFolder()
    const { next } = wrap(launcher, attempt, 'echo $$; exec sleep 100')
    expect(await next()).toMatch(/^7 started \d/)
    const [wrapper, command] = ['wrapper', 'command'].map((record) =>
      Number(readFileSync(join(attempt, record), 'utf8').split('\n')[0]),
    )
    for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1'] as const)
      process.kill(wrapper ?? 0, signal)
    process.kill(command ?? 0, 'SIGHUP')
    expect(await next()).toMatch(/^7 ended signal 1 \d+$/)
    expect(readFileSync(join(attempt, 'exit'), 'utf8')).toMatch(/^signal 1 \d+ *\n$/)
  })

  test('records the end though the disk is full of the command’s own output', async ({ skip }) => {
    const disk = await temporaryFolder()
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'pipe' })
    } catch (error) {
      skip(`A small file system cannot be mounted here: ${String(error)}`)
    }
    onTestFinished(() => void execFileSync('umount', ['-l', disk]))
    const attempt = join(disk, '1')
    mkdirSync(attempt)
    const { next } = wrap(launcher, attempt, 'head -c 5000000 /dev/zero; exit 42')
    expect([await next(), await next()]).toEqual([
      expect.stringContaining('started'),
      expect.stringContaining('ended exit 42'),
    ])
    expect(readFileSync(join(attempt, 'exit'), 'utf8')).toMatch(/^exit 42 \d+ *\n$/)
    truncateSync(join(attempt, 'output'), 0)
  })

  test('ends when its folder was removed, and does not stay for ever', async () => {
    const attempt = await temporaryFolder()
    const { next } = wrap(launcher, attempt, 'sleep 0.3')
    await next()
    rmSync(attempt, { recursive: true })
    expect(await next()).toMatch(/^7 ended exit 0 /)
    expect(existsSync(attempt)).toBe(false)
  })

  test('says why it cannot work, where there is a folder to say it in', async () => {
    const attempt = await temporaryFolder()
    mkdirSync(join(attempt, 'output'))
    expect(await wrap(launcher, attempt, 'true').next()).toBe('7 gone')
    expect(readFileSync(join(attempt, 'trouble'), 'utf8')).toBe('output: Is a directory\n')
    expect(await wrap(launcher, join(attempt, 'none'), 'true').next()).toBe('7 gone')
  })

  test('gives a command its own environment, arguments of any bytes and no file but the first three', async () => {
    const attempt = await temporaryFolder()
    const { next } = wrap(launcher, attempt, 'env; printf "<%s>" "$@"; ls /proc/self/fd | wc -l', [
      'sh',
      '',
      ' a\nb ',
      'ü'.repeat(100_000 / 2),
    ])
    await next()
    await next()
    const output = readFileSync(join(attempt, 'output'), 'utf8')
    expect(output).toContain('A=x=y\n')
    expect(output).not.toContain('HOME=')
    // The fourth is the folder that ls reads.
    expect(output).toContain(`<><\u0020a\nb\u0020><${'ü'.repeat(100_000 / 2)}>4\n`)
  })
})

test('the native launcher ends where it is asked for nothing sensible, or for nothing any more', async () => {
  for (const [, launcher] of LAUNCHERS) {
    const child = spawn(launcher.program, [...launcher.args], { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    const said = createInterface(child.stdout)[Symbol.asyncIterator]()
    child.stdin.write(Buffer.from('\0\0\0\x053\x009\x00x'))
    expect((await said.next()).value).toBe('3 gone')
    child.stdin.end(Buffer.from('\0\0\0\x09half'))
    expect(await ended).toEqual([0, null])
  }
})

/** Has a launcher start a wrapper, as the service does; `next` is the next line that is said of it. */
function wrap({ program, args }: Invocation, attempt: string, line: string, more: string[] = []) {
  const child = spawn(program, [...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const words = [attempt, '/', 'nothing', 'none', '/bin/sh', '-c', line, ...more]
  child.stdin.write(launchRequest(7, words, { PATH: process.env['PATH'], A: 'x=y' }) ?? '')
  const said = createInterface(child.stdout)[Symbol.asyncIterator]()
  return { next: async (): Promise<string> => String((await said.next()).value) }
}
