import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { linux } from './linux.ts'
import type { ProcessIdentity } from './platform.ts'
import { parseStat } from './proc-stat.ts'

const NO_GROUP = -1

/** Starts a process that sleeps until the test is over. */
async function sleeper(environment: Record<string, string> = {}): Promise<number> {
  const child = spawn('sleep', ['100'], { env: { ...process.env, ...environment }, detached: true })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'spawn')
  return child.pid ?? 0
}

function identityOf(pid: number): ProcessIdentity {
  return {
    pid,
    startTime: parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.startTime ?? '',
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  }
}

test('a process is the same as long as pid, start time and boot agree', async () => {
  const pid = await sleeper()
  const identity = identityOf(pid)
  expect(await linux.isAlive(identity)).toBe(true)
  expect(await linux.isAlive({ ...identity, startTime: '1' })).toBe(false)
  expect(await linux.isAlive({ ...identity, bootId: 'another' })).toBe(false)
  expect(await linux.isAlive({ ...identity, pid: process.pid })).toBe(false)
  expect(await linux.isSameBoot(identity)).toBe(true)
})

test('a zombie is no living process', async () => {
  // The shell becomes a program that never asks how its child has ended.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const identity = identityOf(Number(String(line)))
  const state = (): string => readFileSync(`/proc/${identity.pid}/stat`, 'latin1').split(') ')[1]?.[0] ?? ''
  await expect.poll(state, { timeout: 5_000 }).toBe('Z')
  expect(await linux.isAlive(identity)).toBe(false)
})

test('members are found by their group or by the whole of their marker', async () => {
  const value = `value-${process.pid}`
  const marker = { name: 'OFFLOOP_TEST_MARKER', value }
  const marked = await sleeper({ OFFLOOP_TEST_MARKER: value })
  const longer = await sleeper({ OFFLOOP_TEST_MARKER: `${value}0`, NOT_OFFLOOP_TEST_MARKER: value })
  expect(await linux.members(NO_GROUP, marker)).toEqual([{ pid: marked, group: marked, marked: true }])
  expect(await linux.members(longer, { ...marker, value: 'none' })).toEqual([
    { pid: longer, group: longer, marked: false },
  ])
})

test('this process and its ancestors are never members', async () => {
  const group = parseStat(readFileSync('/proc/self/stat', 'latin1'))?.group ?? 0
  const pids = (await linux.members(group, { name: 'PATH', value: process.env['PATH'] ?? '' })).map(
    ({ pid }) => pid,
  )
  for (
    let pid = process.pid;
    pid > 0;
    pid = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.parent ?? 0
  )
    expect(pids).not.toContain(pid)
})

test('a name with spaces and parentheses does not shift the fields of a process', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 15 }), fc.nat(), fc.nat(), fc.nat(), (name, parent, group, start) => {
      const fields = ['S', parent, group, ...Array.from({ length: 16 }, () => 7), start, 0, 0]
      expect(parseStat(`12 (${name}) ${fields.join(' ')}\n`)).toEqual({
        parent,
        group,
        startTime: String(start),
        ended: false,
      })
    }),
  )
  expect(parseStat('')).toBeUndefined()
  expect(parseStat('1 (x) S 1')).toBeUndefined()
})
