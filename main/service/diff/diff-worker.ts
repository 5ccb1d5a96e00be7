import { open, type FileHandle } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { MAX_CHANGES_AT_ONCE, type OutputChange } from '#contract/output-diff.ts'
import { failureOf } from '#kit/request-failed.ts'
import { truncated } from '../output/catch-up.ts'
import type { DiffSide, DiffStart, DiffTold } from './diff-messages.ts'
import { diffWindows, type KeySource } from './diff-windows.ts'
import { lineKeys } from './line-keys.ts'

/** The thread of one comparison: it may take seconds, and can be ended at any moment. */
if (!parentPort) throw new Error('This file runs only as a worker thread of the service.')
const port = parentPort
const tell = (told: DiffTold): void => port.postMessage(told)

const READ_BYTES = 256 * 1024
/** Lines of each output that are compared at once: 3 MB of numbers, and 30 MB where lines are looked for that are there once. */
const WINDOW_LINES = 200_000

const { before, after, ignore } = workerData as DiffStart
let done = 0

/** The lines of an output, as numbers. */
function linesOf(file: FileHandle, { path, bytes }: DiffSide): KeySource {
  const keys = lineKeys(ignore)
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  let at = 0
  return {
    async next(count) {
      while (keys.count < count && at < bytes) {
        const { bytesRead } = await file.read(buffer, 0, Math.min(READ_BYTES, bytes - at), at)
        if (bytesRead === 0) throw truncated(path, at, bytes)
        keys.add(buffer.subarray(0, bytesRead))
        at += bytesRead
        done += bytesRead
        if (at === bytes) keys.end()
      }
      return keys.take(count)
    },
  }
}

async function compare(): Promise<void> {
  const files = [await open(before.path), await open(after.path)] as const
  try {
    const soFar = { changes: 0, removed: 0, added: 0 }
    let lines = { before: 0, after: 0 }
    const windows = diffWindows(linesOf(files[0], before), linesOf(files[1], after), WINDOW_LINES)
    for await (const { changes, ...reached } of windows) {
      lines = reached
      for (let from = 0; from === 0 || from < changes.length; from += MAX_CHANGES_AT_ONCE) {
        const some = changes.slice(from, from + MAX_CHANGES_AT_ONCE)
        const found = some.map((change): OutputChange => [...change])
        for (const [, removed, , added] of some) {
          soFar.removed += removed
          soFar.added += added
        }
        soFar.changes += some.length
        const fraction = done / Math.max(1, before.bytes + after.bytes)
        tell({ kind: 'found', item: { found, fraction, ...soFar } })
        await new Promise((resolve) => port.once('message', resolve))
      }
    }
    tell({ kind: 'done', result: { ...soFar, beforeLines: lines.before, afterLines: lines.after } })
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
}

try {
  await compare()
} catch (error) {
  tell({ kind: 'failed', failure: failureOf(error) })
}
port.close()
