import { closeSync, openSync, readSync } from 'node:fs'
import { momentText } from './moment-text.ts'
import { readIfThere } from './read-if-there.ts'

/** What is read of an output at a time. */
const SLICE_BYTES = 256 * 1024
/** A longer line is told in pieces of this size, so that none fills the memory. */
const MAX_LINE_BYTES = 1024 * 1024
const NEWLINE = 10
/** As the service writes them: see `time-records.ts` there. A day of output without a pause is 20 MB. */
const TIME_RECORD_BYTES = 24
const NOT_AFTER_AT = 16

type Line = [number: number, text: string, arrivedAt: string | null]

/**
 * The lines of an output, read slice by slice as they are asked for; none when there is no such file.
 * @param times absolute path of the file that says when they came.
 */
export function* outputLines(path: string, times: string): Generator<Line> {
  let rest = Buffer.alloc(0)
  let number = 0
  const momentOf = arrivals(times)
  for (let position = 0; ;) {
    const slice = readSlice(path, position)
    position += slice.length
    const isEnd = slice.length === 0
    const bytes = Buffer.concat([rest, slice])
    const begin = position - bytes.length
    let from = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      yield [(number += 1), bytes.toString('utf8', from, end), momentOf(begin + from)]
      from = end + 1
    }
    rest = bytes.subarray(from)
    if (rest.length > MAX_LINE_BYTES || (isEnd && rest.length > 0)) {
      yield [(number += 1), rest.toString('utf8'), momentOf(position - rest.length)]
      rest = Buffer.alloc(0)
    }
    if (isEnd) return
  }
}

/** Tells of bytes, in their order, by which moment they had come. */
function arrivals(path: string): (byte: number) => string | null {
  const records = readIfThere(path)
  let at = 0
  let bytes = 0
  let moment: string | null = null
  return (byte) => {
    while (bytes <= byte && at + TIME_RECORD_BYTES <= records.length) {
      bytes = records.readDoubleLE(at)
      moment = momentText(records.readDoubleLE(at + NOT_AFTER_AT))
      at += TIME_RECORD_BYTES
    }
    return bytes > byte ? moment : null
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
