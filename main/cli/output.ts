import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { lstat, rename, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { failed } from '#kit/request-failed.ts'

/** Small pieces are collected up to this, so that a row costs no system call. */
const COLLECT_BYTES = 64 * 1024

/** Where the rows go. */
export interface Output {
  /** Adds text; a promise when it must wait for a slow reader. */
  write(text: string | Uint8Array): Promise<void> | undefined
  /** Hands over what was collected. */
  flush(): Promise<void>
  /** Ends it well; a file is only now in its place. */
  end(): Promise<void>
  /** Gives up; a file that was begun is removed. */
  abandon(): Promise<void>
}

/**
 * Writes to the standard output, or to any stream that stays open.
 * @param signal once aborted, nothing is written any more and nothing waits for the reader.
 * @param onGone is called once when nobody reads any more (EPIPE), or it cannot be written.
 */
export function outputTo(stream: Writable, signal: AbortSignal, onGone: (error: Error) => void): Output {
  let parts: Uint8Array[] = []
  let size = 0
  let gone = false
  stream.on('error', (error) => {
    if (gone) return
    gone = true
    onGone(error)
  })

  async function flush(): Promise<void> {
    const bytes = Buffer.concat(parts, size)
    parts = []
    size = 0
    if (bytes.length === 0 || gone || signal.aborted || stream.write(bytes)) return
    const waiting = new AbortController()
    const either = AbortSignal.any([signal, waiting.signal])
    await Promise.race(['drain', 'close'].map((event) => once(stream, event, { signal: either }))).catch(
      () => {
        // The listener above has the error, and the signal its reason.
      },
    )
    waiting.abort()
  }

  return {
    write(text) {
      const bytes = typeof text === 'string' ? Buffer.from(text) : text
      parts.push(bytes)
      size += bytes.length
      return size >= COLLECT_BYTES ? flush() : undefined
    },
    flush,
    end: flush,
    abandon: flush,
  }
}

/**
 * Writes to a file that takes its name once it is whole; a pipe or device of that name is written to as it is.
 * @param signal as above.
 * @param onGone is called once when it cannot be written.
 * @throws RequestFailed `invalid-params` when it cannot be made.
 */
export async function outputToFile(
  path: string,
  signal: AbortSignal,
  onGone: (error: Error) => void,
): Promise<Output> {
  const found = await lstat(path).catch(() => undefined)
  const inPlace = found !== undefined && !found.isFile()
  const draft = inPlace ? path : `${path}.part-${process.pid}`
  const stream = createWriteStream(draft, { flags: inPlace ? 'w' : 'wx' })
  try {
    await once(stream, 'open')
  } catch (error) {
    throw failed('invalid-params', `${path} cannot be written: ${messageOf(error)}. Choose another file.`)
  }
  const output = outputTo(stream, signal, onGone)
  async function close(): Promise<void> {
    await output.flush()
    stream.end()
    if (!stream.closed) await once(stream, 'close')
  }
  return {
    ...output,
    async end() {
      await close()
      if (!inPlace) await rename(draft, path)
    },
    async abandon() {
      stream.destroy()
      if (!stream.closed) await once(stream, 'close')
      if (!inPlace) await rm(draft, { force: true })
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
