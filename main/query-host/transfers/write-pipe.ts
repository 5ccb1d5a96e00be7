import { constants, openSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { failed } from '#kit/request-failed.ts'

/** Bytes that were handed over and that the system has not taken: more are not made before. */
const MAX_UNWRITTEN_BYTES = 256 * 1024

/** Writes to a named pipe without blocking: a process that serves others goes on while a slow reader makes this wait. */
export interface PipeWriter {
  /** Handed over so far. */
  readonly bytes: number
  write(piece: string | Uint8Array): void
  /** Resolves when more may be written. @throws RequestFailed `cancelled` with EPIPE when nobody reads; the signal's reason. */
  room(signal: AbortSignal): Promise<void>
  /** Resolves once the system has everything and the file `.whole` says so. @throws as `room`. */
  end(signal: AbortSignal): Promise<void>
  /** Closes it as it is; what was not taken by then is dropped. */
  close(): void
}

/** Opens a named pipe that somebody reads. @throws RequestFailed `cancelled` with EPIPE when nobody does. */
export function writePipe(path: string): PipeWriter {
  const socket = new Socket({ fd: openEnd(path), readable: false, writable: true })
  let failure: Error | undefined
  let unwritten = 0
  let bytes = 0
  let wake: () => void = () => undefined
  socket.on('error', (error) => {
    failure ??= error
    wake()
  })

  async function until(limit: number, signal: AbortSignal): Promise<void> {
    const onAbort = (): void => wake()
    signal.addEventListener('abort', onAbort)
    try {
      for (;;) {
        signal.throwIfAborted()
        if (failure) throw explained(failure)
        if (unwritten <= limit) return
        await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  return {
    get bytes() {
      return bytes
    },
    write(piece) {
      // A copy, because whoever made it uses its memory again.
      const data = Buffer.from(piece)
      if (data.length === 0) return
      bytes += data.length
      unwritten += data.length
      socket.write(data, (error) => {
        unwritten -= data.length
        failure ??= error ?? undefined
        wake()
      })
    },
    room: (signal) => until(MAX_UNWRITTEN_BYTES, signal),
    async end(signal) {
      await until(0, signal)
      writeFileSync(`${path}.whole`, '')
      socket.destroy()
    },
    close: () => void socket.destroy(),
  }
}

function openEnd(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (error) {
    throw explained(error)
  }
}

function explained(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code !== 'EPIPE' && code !== 'ENXIO' && code !== 'ENOENT') return error
  return failed('cancelled', 'Whoever reads from this pipe has ended before all rows were written.', {
    engineCode: 'EPIPE',
  })
}
