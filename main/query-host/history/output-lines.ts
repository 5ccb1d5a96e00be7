import { closeSync, openSync, readSync } from 'node:fs'

/** What is read of an output at a time. */
const SLICE_BYTES = 256 * 1024
/** A longer line is told in pieces of this size, so that none fills the memory. */
const MAX_LINE_BYTES = 1024 * 1024
const NEWLINE = 10

/** The lines of an output, read slice by slice as they are asked for; none when there is no such file. */
export function* outputLines(path: string): Generator<[number: number, text: string]> {
  let rest = Buffer.alloc(0)
  let number = 0
  for (let position = 0; ;) {
    const slice = readSlice(path, position)
    position += slice.length
    const isEnd = slice.length === 0
    const bytes = Buffer.concat([rest, slice])
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      yield [(number += 1), bytes.toString('utf8', from, end)]
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > MAX_LINE_BYTES || (isEnd && rest.length > 0)) {
      yield [(number += 1), rest.toString('utf8')]
      rest = Buffer.alloc(0)
    }
    if (isEnd) return
  }
}

/** Opened for each slice, because nobody says when no more lines are wanted. */
function readSlice(path: string, position: number): Buffer {
  let file
  try {
    file = openSync(path, 'r')
  } catch (error) {
    // An attempt that has not been started has written nothing.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  }
  try {
    const slice = Buffer.alloc(SLICE_BYTES)
    return slice.subarray(0, readSync(file, slice, 0, SLICE_BYTES, position))
  } finally {
    closeSync(file)
  }
}
