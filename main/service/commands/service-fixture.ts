import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { z } from 'zod'
import { MARKER } from '#contract/environment.ts'
import { isFinal, run as runShape, type CommandSpec, type Run, type RunId } from '#contract/run.ts'
import { temporaryFolder } from '../app-database/database-fixture.ts'
import { systemCode } from '../platform/system-code.ts'
import { thisPlatform } from '../platform/this-platform.ts'
import type { RunStore } from '../runs/run-store.ts'
import { attemptOf } from './attempt.ts'
import { openService, shellLine, type OpenOptions } from './open-service-fixture.ts'

const NO_GROUP = -1

/** A folder for services, in which no process may be left when the test is over. */
export async function serviceFolder(): Promise<string> {
  const folder = await temporaryFolder()
  onTestFinished(async () => {
    const left = (await processesOf(folder)).filter(killed)
    expect(left, 'processes that the test has left behind').toEqual([])
  })
  return folder
}

/** Kills a process. @returns whether it was still there: one that ends by itself just then was not left behind. */
function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
    throw error
  }
}

/** Every living process of the commands that were started in a folder, wrappers included. */
export async function processesOf(folder: string): Promise<number[]> {
  const found: number[] = []
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('/intent')) found.push(...(await marked(join(folder, name))))
  return found
}

async function marked(intent: string): Promise<number[]> {
  const value = readFileSync(intent, 'utf8')
  return (await thisPlatform().members(NO_GROUP, { name: MARKER, value })).map(({ pid }) => pid)
}

/** Opens a service; it is closed after the test, or when `close` is called. Troubles make the test fail. */
export async function openForTest(folder: string, options: OpenOptions = {}) {
  const troubles: string[] = []
  const onTrouble = (message: string, cause?: unknown): void =>
    void troubles.push(`${message} ${String(cause)}`)
  const service = await openService(folder, onTrouble, options)
  let open = true
  async function close(): Promise<void> {
    if (!open) return
    open = false
    await service.close()
    expect(troubles).toEqual([])
  }
  onTestFinished(close)
  return {
    ...service,
    close,
    final: (id: RunId) => final(service.runs, id),
    attempt: (id: RunId) => attemptOf(service.runsFolder, id),
  }
}

/** Waits for a run's last state. */
async function final(runs: RunStore, id: RunId): Promise<Run> {
  return new Promise((resolve, reject) => {
    const stopWatching = runs.watch((run) => {
      if (run.id === id && isFinal(run.state)) settle(run)
    })
    const settle = (run: Run): void => {
      stopWatching()
      resolve(run)
    }
    runs.get(id).then((run) => {
      if (run && isFinal(run.state)) settle(run)
    }, reject)
  })
}

/** A service in a process of its own, running lines for /bin/sh, or commands that are sent something. */
export async function serviceProcess(
  folder: string,
  ...given: readonly (string | { readonly spec: CommandSpec; readonly send: string })[]
) {
  const entry = fileURLToPath(new URL('./service-process-fixture.ts', import.meta.url))
  const commands = given.map((one) =>
    JSON.stringify(typeof one === 'string' ? { spec: shellLine(one) } : one),
  )
  const child = spawn(process.execPath, [entry, folder, ...commands], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  onTestFinished(() => void child.kill('SIGKILL'))
  const first = await createInterface(child.stdout)[Symbol.asyncIterator]().next()
  if (first.done) throw new Error('The service process ended before it had started its commands.')
  return {
    runs: z.array(runShape).parse(JSON.parse(first.value)),
    /** Ends it as a crash does; resolves when it is gone. */
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await ended
    },
  }
}
