import { isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { MAX_FANNED_OUT } from '#contract/template/fan-out.ts'
import { failed } from '#kit/request-failed.ts'
import { systemCode } from '../platform/system-code.ts'
import { slices } from '../scheduler/slices.ts'

const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** Linux takes no longer argument. */
const MAX_LINE_BYTES = 128 * 1024

/** A line, and its number from 1. */
export interface FileLine {
  readonly number: number
  readonly text: string
}

/**
 * Reads the lines of a file that are not empty, without their ends (LF or CRLF), in slices.
 * @param path absolute.
 * @throws RequestFailed `not-found`; `invalid-params` for what cannot be arguments, or is too much.
 */
export async function readLines(path: string, signal: AbortSignal): Promise<FileLine[]> {
  await checkFile(path)
  const pause = slices()
  const lines: FileLine[] = []
  let number = 0
  let begun: Buffer = Buffer.alloc(0)

  function take(bytes: Buffer): void {
    number += 1
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length
    const line = number === 1 ? withoutMark(bytes.subarray(0, end)) : bytes.subarray(0, end)
    if (line.length === 0) return
    if (!isUtf8(line))
      throw failed(
        'invalid-params',
        `Line ${number} of "${path}" is not UTF-8. Convert the file first, for example with iconv -f WINDOWS-1252 -t UTF-8.`,
      )
    if (lines.length === MAX_FANNED_OUT)
      throw failed(
        'invalid-params',
        `"${path}" has more than ${MAX_FANNED_OUT} lines, and so many runs are added at once at most. Split the file.`,
      )
    lines.push({ number, text: line.toString('utf8') })
  }

  function refuseLong(length: number): void {
    if (length > MAX_LINE_BYTES)
      throw failed(
        'invalid-params',
        `Line ${number + 1} of "${path}" is longer than 128 kB: no argument can be.`,
      )
  }

  for await (const piece of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
    const bytes = begun.length === 0 ? piece : Buffer.concat([begun, piece])
    let start = 0
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      refuseLong(end - start)
      take(bytes.subarray(start, end))
      start = end + 1
      await pause()
    }
    begun = bytes.subarray(start)
    refuseLong(begun.length)
  }
  if (begun.length > 0) take(begun)
  return lines
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw failed('not-found', `"${path}" cannot be read (${systemCode(error)}). Choose another file.`)
  })
  // A pipe or a socket would wait for its other end, and nobody could see why.
  if (!found.isFile())
    throw failed('invalid-params', `"${path}" is no file whose lines could be read. Choose a file.`)
}

/** Some editors mark a file as UTF-8 at its beginning. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}
