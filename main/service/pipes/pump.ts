import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { watch, type FSWatcher } from 'node:fs'
import { failed } from '#kit/request-failed.ts'
import { readIdentity, readIfThere } from '../commands/attempt.ts'
import type { Invocation, Platform } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import type { PipeFolder } from './pipe-folder.ts'

/** How often the process of a pipe is looked at: its records are seen at once, its death so late. */
const CHECK_MS = 1_000

/**
 * Starts the process that holds a pipe's buffer; it goes on whatever becomes of this one. Resolves once its named pipes are
 * there.
 * @throws RequestFailed `spawn` when it does not work.
 */
export async function startPump(
  { program, args }: Invocation,
  folder: PipeFolder,
  plan: string,
): Promise<void> {
  await mkdir(folder.path, { recursive: true, mode: 0o700 })
  await writeFile(folder.plan, plan, { mode: 0o600 })
  const trouble = await open(folder.trouble, 'a', 0o600)
  try {
    const child = spawn(program, args, {
      detached: true,
      cwd: '/',
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: ['ignore', 'pipe', trouble.fd],
    })
    const failure = new Promise<Error>((resolve) => child.once('error', resolve))
    child.unref()
    const word = await Promise.race([failure, firstWord(child.stdout ?? [])])
    if (word instanceof Error)
      throw failed('spawn', `The process that holds the buffer of a pipe did not start (${word.message}).`)
    if (word.trim() === 'ready') return
    const complaint = (await readIfThere(folder.trouble))?.trim() || 'it ended without a word'
    throw failed('spawn', `The process that holds the buffer of a pipe could not work: ${complaint}.`)
  } finally {
    await trouble.close()
  }
}

async function firstWord(stdout: AsyncIterable<unknown> | Iterable<unknown>): Promise<string> {
  let text = ''
  for await (const chunk of stdout) text += String(chunk)
  return text
}

/** Says a word to the process of a pipe. @returns false when there is none any more. */
export async function tellPump({ control }: PipeFolder, word: string): Promise<boolean> {
  try {
    // Without O_NONBLOCK it would wait for somebody who reads.
    const pipe = await open(control, constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      await pipe.write(`${word}\n`)
      return true
    } finally {
      await pipe.close()
    }
  } catch (error) {
    switch (systemCode(error)) {
      case 'ENOENT':
      case 'ENXIO':
      case 'EPIPE':
        return false
      default:
        throw error
    }
  }
}

/** How the process of a pipe is: with the record of its end, alive, or gone without one; `none` was never started. */
export async function lookAtPump(
  platform: Platform,
  folder: PipeFolder,
): Promise<{ readonly kind: 'ended'; readonly end: string } | { readonly kind: 'alive' | 'gone' | 'none' }> {
  const identity = await readIdentity(folder.pump)
  const isAlive = identity !== undefined && (await platform.isAlive(identity))
  // Looked for after the process: it may have ended between the two.
  const end = await readIfThere(folder.end)
  if (end !== undefined) return { kind: 'ended', end }
  if (isAlive) return { kind: 'alive' }
  return { kind: identity ? 'gone' : 'none' }
}

/**
 * Follows the process of a pipe to its end.
 * @param onGauge is told of every gauge.
 * @returns the record of its end; undefined when it was ended from outside.
 * @throws the signal's reason.
 */
export async function watchPump(
  platform: Platform,
  folder: PipeFolder,
  signal: AbortSignal,
  onGauge: (text: string) => void,
): Promise<string | undefined> {
  let wake: () => void = () => undefined
  const note = (): void => wake()
  const timer = setInterval(note, CHECK_MS)
  let watcher: FSWatcher | undefined
  try {
    watcher = watch(folder.path, note)
    // Without a watcher, where the system has no more of them, the gauge is as old as the check.
    watcher.on('error', () => watcher?.close())
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'ENOSPC' && code !== 'EMFILE' && code !== 'ENOENT') throw error
  }
  signal.addEventListener('abort', note)
  try {
    for (;;) {
      signal.throwIfAborted()
      const changed = new Promise<void>((resolve) => (wake = resolve))
      const gauge = await readIfThere(folder.gauge)
      if (gauge !== undefined) onGauge(gauge)
      const look = await lookAtPump(platform, folder)
      if (look.kind === 'ended') return look.end
      if (look.kind !== 'alive') return undefined
      await changed
    }
  } finally {
    clearInterval(timer)
    watcher?.close()
    signal.removeEventListener('abort', note)
  }
}
