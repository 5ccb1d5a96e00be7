import { constants, openSync, readFileSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { failed } from '#kit/request-failed.ts'

/** The most that is looked at to name the columns. */
const BEGINNING_BYTES = 256 * 1024

/** What comes out of a named pipe. */
export interface PipeReader {
  /** Its first bytes: all there are, when they are few. */
  readonly beginning: Buffer
  readonly isAll: boolean
  /** Everything, the beginning too. @throws RequestFailed `cancelled` when not all was written; the signal's reason. */
  pieces(): AsyncGenerator<Uint8Array>
  close(): void
}

/**
 * Opens a named pipe for reading without blocking, says so by the file `.open` beside it, and reads its beginning.
 * @param isEnough whether this is enough of a beginning.
 * @throws RequestFailed `cancelled` when the pipe ends and the file `end` beside it does not say that it was whole.
 */
export async function readPipe(
  path: string,
  isEnough: (beginning: Uint8Array) => boolean,
  signal: AbortSignal,
): Promise<PipeReader> {
  const socket = new Socket({
    fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
    signal,
  })
  writeFileSync(`${path}.open`, '')
  const source: AsyncIterator<Buffer> = socket[Symbol.asyncIterator]()
  let isAll = false

  async function next(): Promise<Buffer | undefined> {
    try {
      const result = await source.next()
      if (result.done !== true) return result.value
    } catch (error) {
      signal.throwIfAborted()
      throw error
    }
    signal.throwIfAborted()
    isAll = true
    checkWhole(path)
    return undefined
  }

  let beginning = Buffer.alloc(0)
  try {
    while (beginning.length < BEGINNING_BYTES && !isEnough(beginning)) {
      const piece = await next()
      if (!piece) break
      beginning = Buffer.concat([beginning, piece])
    }
  } catch (error) {
    socket.destroy()
    throw error
  }
  return {
    beginning,
    isAll,
    async *pieces() {
      yield beginning
      while (!isAll) {
        const piece = await next()
        if (piece) yield piece
      }
    },
    close: () => void socket.destroy(),
  }
}

/** The end of a pipe may be the end of the process that held it. */
function checkWhole(path: string): void {
  if (readEnd(path).startsWith('whole\n')) return
  throw failed('cancelled', 'Not everything that was to be loaded has come. Nothing was kept.')
}

function readEnd(path: string): string {
  try {
    return readFileSync(join(dirname(path), 'end'), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
