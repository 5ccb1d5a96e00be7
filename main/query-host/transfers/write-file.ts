import { closeSync, openSync, writeSync } from 'node:fs'
import { failed } from '#kit/request-failed.ts'

/** Bytes that are gathered before they are handed to the system. */
const GATHERED_BYTES = 256 * 1024

/** A file that is written from its start to its end in a process that may block. */
export interface FileWriter {
  /** Written or gathered so far. */
  readonly bytes: number
  /** @throws RequestFailed `disk-full`, or `invalid-params` when the file cannot be written. */
  write(piece: string | Uint8Array): void
  /** Hands over what is gathered and closes the file. @throws as `write`. */
  end(): void
  /** Closes the file as it is; a second time, or after its end, does nothing. */
  close(): void
}

/**
 * Makes a file that must not be there yet.
 * @param path absolute.
 * @throws RequestFailed `disk-full`, or `invalid-params` when it cannot be made.
 */
export function writeFile(path: string): FileWriter {
  const gathered = Buffer.allocUnsafe(GATHERED_BYTES)
  let filled = 0
  let bytes = 0
  let file: number | undefined = explaining(path, () => openSync(path, 'wx'))

  function flush(): void {
    hand(gathered.subarray(0, filled))
    filled = 0
  }

  /** The system may take fewer bytes than it was given. */
  function hand(piece: Uint8Array): void {
    const open = file
    if (open === undefined) throw new Error(`${path} is closed already.`)
    explaining(path, () => {
      for (let done = 0; done < piece.length;) done += writeSync(open, piece, done)
    })
  }

  function close(): void {
    const open = file
    file = undefined
    if (open !== undefined) closeSync(open)
  }

  return {
    get bytes() {
      return bytes
    },
    write(piece) {
      const data = typeof piece === 'string' ? Buffer.from(piece) : piece
      bytes += data.length
      if (filled + data.length > GATHERED_BYTES) flush()
      if (data.length > GATHERED_BYTES) return hand(data)
      gathered.set(data, filled)
      filled += data.length
    },
    end() {
      flush()
      // Some file systems say only here that there was no room.
      explaining(path, close)
    },
    close,
  }
}

function explaining<R>(path: string, work: () => R): R {
  try {
    return work()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw failed(
        'disk-full',
        `The disk is full: ${path} could not be written, and was removed. Free some space, or export to another disk.`,
        { engineCode: code },
      )
    }
    throw failed('invalid-params', `${path} cannot be written (${code}). Choose another place.`, {
      engineCode: code,
    })
  }
}
