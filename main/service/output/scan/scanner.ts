import { FOLD_AT, makeKernel, VECTOR_BYTES, WINDOW_AT, WINDOW_BYTES, WORD_AT } from './kernel.ts'

/** A word as bytes. */
export interface Word {
  /** At most MAX_WORD_BYTES, with the bits of `fold` set. */
  readonly bytes: Uint8Array
  /** For each byte the bits that may be different. */
  readonly fold: Uint8Array
}

/** Looks through many bytes at a time. */
export interface Scanner {
  countByte(byte: number, among: Uint8Array): number
  /** How often a word is among bytes, each beginning after the end of the one before. */
  countWord(word: Word, among: Uint8Array): number
}

let made: { readonly scanner: Scanner | undefined } | undefined

/**
 * The scanner of this thread; the first time it is made, which takes 1 to 3 ms.
 * @returns undefined where the processor cannot look at sixteen bytes at once.
 */
export function scanner(): Scanner | undefined {
  made ??= { scanner: makeScanner() }
  return made.scanner
}

function makeScanner(): Scanner | undefined {
  const kernel = makeKernel()
  if (!kernel) return undefined
  const memory = new Uint8Array(kernel.memory.buffer)
  const window = memory.subarray(WINDOW_AT)

  function take(bytes: Uint8Array, at: number): number {
    const part = bytes.subarray(at, at + WINDOW_BYTES)
    window.set(part)
    return part.length
  }

  return {
    countByte(byte, among) {
      let found = 0
      for (let at = 0; at < among.length; at += WINDOW_BYTES) {
        const count = take(among, at)
        // What is left there from before is none.
        window.fill(~byte, count, count + VECTOR_BYTES)
        found += kernel.countByte(byte, count)
      }
      return found
    },
    countWord({ bytes, fold }, among) {
      const { length } = bytes
      memory.fill(0xff, WORD_AT, WINDOW_AT)
      memory.set(bytes, WORD_AT)
      memory.set(fold, FOLD_AT)
      let found = 0
      for (let at = 0; at + length <= among.length;) {
        const count = take(among, at)
        let from = 0
        for (;;) {
          const place = kernel.findWord(length, from, count)
          if (place < 0) break
          found += 1
          from = place + length
        }
        at += Math.max(from, count - length + 1)
      }
      return found
    },
  }
}
