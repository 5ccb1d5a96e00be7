import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../app-database/database-fixture.ts'

const WRAPPER = fileURLToPath(new URL('../../../resources/wrapper/wrapper.pl', import.meta.url))

/** Starts the wrapper as the service does. */
function wrap(attempt: string, line: string) {
  const child = spawn('perl', [WRAPPER, attempt, '/', 'nothing', 'none', '/bin/sh', '-c', line], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { child, ended: once(child, 'exit') }
}

test('a wrapper whose start was given up meanwhile starts nothing', async () => {
  const attempt = await temporaryFolder()
  writeFileSync(join(attempt, 'wrapper'), '')
  await wrap(attempt, `touch ${attempt}/proof`).ended
  expect(existsSync(join(attempt, 'proof'))).toBe(false)
  expect(existsSync(join(attempt, 'command'))).toBe(false)
})

test('a wrapper outlives the signals that end ordinary programs, and the command does not inherit that', async () => {
  const attempt = await temporaryFolder()
  const { child, ended } = wrap(attempt, 'echo $$; exec sleep 100')
  await once(child.stdout, 'data')
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGUSR1'] as const) child.kill(signal)
  const pid = Number(readFileSync(join(attempt, 'command'), 'utf8').split('\n')[0])
  process.kill(pid, 'SIGHUP')
  await ended
  expect(readFileSync(join(attempt, 'exit'), 'utf8')).toMatch(/^signal 1 \d+ *\n$/)
})

test('the end is recorded though the disk is full of the command’s own output', async ({ skip }) => {
  const disk = await temporaryFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'pipe' })
  } catch (error) {
    skip(`A small file system cannot be mounted here: ${String(error)}`)
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  const attempt = join(disk, '1')
  mkdirSync(attempt)
  await wrap(attempt, 'head -c 5000000 /dev/zero; exit 42').ended
  expect(readFileSync(join(attempt, 'exit'), 'utf8')).toMatch(/^exit 42 \d+ *\n$/)
  truncateSync(join(attempt, 'output'), 0)
})

test('a wrapper whose folder was removed ends, and does not stay for ever', async () => {
  const attempt = await temporaryFolder()
  const { child, ended } = wrap(attempt, 'sleep 0.3')
  await once(child.stdout, 'data')
  rmSync(attempt, { recursive: true })
  await ended
  expect(existsSync(attempt)).toBe(false)
})
