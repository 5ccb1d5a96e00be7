import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { oneAtATime } from './one-at-a-time.mjs'

let folder: string
const { signal } = new AbortController()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-lock-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('two at the same moment work one after the other, and leave nothing behind', async () => {
  const lock = join(folder, 'made', 'lock')
  const steps: string[] = []
  const work = (name: string) => async () => {
    steps.push(`${name} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    steps.push(`${name} ends`)
  }
  await Promise.all([oneAtATime(lock, signal, work('a')), oneAtATime(lock, signal, work('b'))])
  expect(steps.map((step) => step.slice(2))).toEqual(['begins', 'ends', 'begins', 'ends'])
  expect(await readdir(join(folder, 'made'))).toEqual([])
})

test('a lock of a process that was killed is ignored', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  await writeFile(join(folder, 'lock'), String(child.pid))
  expect(await oneAtATime(join(folder, 'lock'), signal, () => Promise.resolve(7))).toBe(7)
})

test('an abort ends the waiting, and work that fails frees the lock', async () => {
  const lock = join(folder, 'lock')
  await writeFile(lock, String(process.pid))
  await expect(oneAtATime(lock, AbortSignal.abort(), () => Promise.resolve())).rejects.toThrow('abort')
  await rm(lock)
  await expect(oneAtATime(lock, signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await readdir(folder)).toEqual([])
})
