import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { linuxTreeMeter } from './linux-tree-meter.ts'
import type { TreeMeter } from './usage.ts'

const MIB = 1_024 * 1_024

/** Starts a program that is ended with all below it after the test. */
async function start(program: string, ...args: readonly string[]): Promise<ChildProcess & { pid: number }> {
  const child = spawn(program, args, { detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  onTestFinished(() => {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  })
  return Object.assign(child, { pid })
}

function meterOf(pid: number): TreeMeter {
  const meter = linuxTreeMeter(pid)
  onTestFinished(() => meter.close())
  return meter
}

test('a tree is its root with all below it, and what grows only grows', async () => {
  const { pid } = await start('sh', '-c', 'sh -c "sleep 100 & while :; do :; done" & wait')
  const meter = meterOf(pid)
  await expect.poll(async () => (await meter.measure())?.processes, { timeout: 10_000 }).toBe(3)
  const first = await meter.measure()
  await expect
    .poll(async () => (await meter.measure())?.processorMs, { timeout: 10_000 })
    .toBeGreaterThan((first?.processorMs ?? Infinity) + 50)
})

test('memory is what its processes hold', async () => {
  const { pid, stdout } = await start(
    process.execPath,
    '-e',
    `global.held = Buffer.alloc(${200 * MIB}, 1); console.log('held'); setInterval(() => {}, 1000)`,
  )
  await once(stdout ?? expect.fail(), 'data')
  const usage = await meterOf(pid).measure()
  expect(usage?.memoryBytes).toBeGreaterThan(200 * MIB)
  expect(usage?.memoryBytes).toBeLessThan(400 * MIB)
})

test('what a process used that has ended is still counted, and what it wrote to the disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-meter-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const busy = `i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done`
  const { pid, stdout } = await start(
    'sh',
    '-c',
    `sh -c '${busy}'; dd if=/dev/zero of=${folder}/file bs=1M count=4 conv=fsync 2>/dev/null; echo over; sleep 100`,
  )
  await once(stdout ?? expect.fail(), 'data')
  const usage = await meterOf(pid).measure()
  expect(usage?.processorMs).toBeGreaterThan(20)
  expect(usage?.writtenBytes).toBeGreaterThanOrEqual(4 * MIB)
})

test('a process stays in its tree when its parent ends, and one that another thread began is found', async () => {
  const script = `
    const { Worker } = require('node:worker_threads')
    new Worker("require('node:child_process').spawn('sleep', ['100'])", { eval: true })
    setInterval(() => {}, 1000)`
  const { pid } = await start('sh', '-c', `(sleep 100 & wait) & echo $!; exec node -e "$0"`, script)
  const meter = meterOf(pid)
  await expect.poll(async () => (await meter.measure())?.processes, { timeout: 15_000 }).toBe(4)
  const parent = Number(await firstChild(pid))
  process.kill(parent, 'SIGKILL')
  await expect.poll(async () => (await meter.measure())?.processes, { timeout: 15_000 }).toBe(3)
})

async function firstChild(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ')[0] ?? ''
}

test('a tree that has ended measures nothing', async () => {
  const child = await start('true')
  const meter = meterOf(child.pid)
  await once(child, 'close')
  expect(await meter.measure()).toBeUndefined()
})
