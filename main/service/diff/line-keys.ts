import type { DiffIgnore } from '#contract/output-diff.ts'
import { SEQUENCES } from '../output/escape-sequences.ts'

const NEWLINE = 0x0a
/** A longer line is looked at in pieces of this size, so that none fills the memory; a time on such an edge counts. */
const PIECE_BYTES = 64 * 1024

/** Dates, times of day and durations, as logs write them. */
const TIMES = new RegExp(
  [
    '\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}(?:[T ](?=\\d))?',
    '\\d{1,2}:\\d{2}(?::\\d{2})?(?:[.,]\\d+)?(?:Z|[+-]\\d{2}:?\\d{2})?',
    '\\b\\d+(?:[.,]\\d+)?\\s?(?:ns|µs|us|ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?)\\b',
  ].join('|'),
  'giu',
)

/** Makes a number of each line, the same for the same lines. */
export interface LineKeys {
  /** Looks through bytes that follow those before. */
  add(bytes: Uint8Array): void
  /** The last line may have no end. */
  end(): void
  /** Takes the keys of the first lines out, at most so many. */
  take(most: number): Float64Array
  /** How many there are. */
  readonly count: number
}

/** Of pairs of different lines, about one in 2^53 has the same number; multiplications and turns as in MurmurHash3. */
export function lineKeys(ignore: DiffIgnore): LineKeys {
  const asText = ignore.times || ignore.styles || ignore.trailingSpace
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let keys = new Float64Array(1_024)
  let count = 0
  let [high, low] = FIRST
  /** Of a line that goes on. */
  let held: Uint8Array[] = []
  let heldBytes = 0
  let isOpen = false

  /** Each half goes into the other, so that no two states become one. */
  function mix(unit: number): void {
    high = Math.imul(high ^ unit, 0x85ebca6b)
    low = Math.imul(low ^ ((high << 13) | (high >>> 19)), 0xc2b2ae35)
    high = (high + ((low << 17) | (low >>> 15))) | 0
  }

  function mixPiece(bytes: Uint8Array, isEnd: boolean): void {
    if (!asText) {
      for (const byte of bytes) mix(byte)
      return
    }
    const text = comparable(decoder.decode(bytes), ignore, isEnd)
    for (let at = 0; at < text.length; at++) mix(text.charCodeAt(at))
  }

  function flush(isEnd: boolean): void {
    const [first] = held
    if (first) mixPiece(held.length === 1 ? first : Buffer.concat(held), isEnd)
    held = []
    heldBytes = 0
  }

  function endLine(): void {
    flush(true)
    if (count === keys.length) {
      const larger = new Float64Array(keys.length * 2)
      larger.set(keys)
      keys = larger
    }
    for (let round = 0; round < LAST_ROUNDS; round++) mix(round)
    keys[count++] = (finish(high) >>> 11) * 2 ** 32 + (finish(low) >>> 0)
    ;[high, low] = FIRST
    isOpen = false
  }

  function hold(bytes: Uint8Array): void {
    isOpen = true
    held.push(bytes)
    heldBytes += bytes.length
    if (heldBytes >= PIECE_BYTES) flush(false)
  }

  return {
    add(bytes) {
      let from = 0
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
        hold(bytes.subarray(from, end))
        endLine()
        from = end + 1
      }
      // A copy: whoever reads overwrites what it has given.
      if (from < bytes.length) hold(new Uint8Array(bytes.subarray(from)))
    },
    end() {
      if (isOpen) endLine()
    },
    take(most) {
      const some = keys.slice(0, Math.min(count, most))
      keys.copyWithin(0, some.length, count)
      count -= some.length
      return some
    },
    get count() {
      return count
    },
  }
}

/** So that the last unit, too, changes all bits. */
const LAST_ROUNDS = 3
const FIRST: readonly [number, number] = [0x2545f491, 0x1b873593]

/** Spreads what a key has in some bits over all of them. */
function finish(value: number): number {
  const once = Math.imul(value ^ (value >>> 16), 0x7feb352d)
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b)
  return twice ^ (twice >>> 16)
}

/** What of a line is compared. */
function comparable(line: string, ignore: DiffIgnore, isEnd: boolean): string {
  let text = line
  if (ignore.styles) text = text.replace(SEQUENCES, '').replace(/\r+$/u, '').replace(/^.*\r/u, '')
  if (ignore.times) text = text.replace(TIMES, '\u0000')
  return ignore.trailingSpace && isEnd ? text.trimEnd() : text
}
