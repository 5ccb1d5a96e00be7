import * as wasm from './assemble.ts'

const PAGE_BYTES = 64 * 1024
/** So many are looked at at once, also where fewer are left. */
export const VECTOR_BYTES = 16

/** Bytes that are looked through in one go. They are copied, which takes a tenth of the time of reading them from a file. */
export const WINDOW_BYTES = PAGE_BYTES
/** The longest word that can be sought. */
export const MAX_WORD_BYTES = 4_000

/** Where in the memory are: what is sought, the bits that are set in both before they are compared, and the bytes. */
export const WORD_AT = 0
export const FOLD_AT = 4_096
export const WINDOW_AT = 8_192
const PAGES = Math.ceil((WINDOW_AT + WINDOW_BYTES + VECTOR_BYTES) / PAGE_BYTES)

const ALL_SAME = 0xffff
const NOWHERE = -1

/** Looks through the bytes of a window, sixteen at once: 16 GB/s and more, where JavaScript alone came to 4. */
export interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer }
  /** How often a byte is among the first `count`. Behind these there are sixteen others. */
  countByte(byte: number, count: number): number
  /**
   * Where the word of so many bytes is next, from `from` on and whole among the first `count`; -1 if nowhere. The word and
   * its fold are followed by sixteen bytes of ones.
   */
  findWord(length: number, from: number, count: number): number
}

function countByte(): wasm.FunctionParts {
  const [byte, count, at, found, sought] = [0, 1, 2, 3, 4]
  const bytes = wasm.load(wasm.add(wasm.get(at), wasm.number(WINDOW_AT)))
  return {
    name: 'countByte',
    parameters: 2,
    locals: ['i32', 'i32', 'v128'],
    body: [
      wasm.set(sought, wasm.splat(wasm.get(byte))),
      wasm.repeatWhile(
        wasm.isLess(wasm.get(at), wasm.get(count)),
        wasm.set(
          found,
          wasm.add(wasm.get(found), wasm.bitCount(wasm.highBits(wasm.sameBytes(bytes, wasm.get(sought))))),
        ),
        wasm.set(at, wasm.add(wasm.get(at), wasm.number(VECTOR_BYTES))),
      ),
      wasm.get(found),
    ],
  }
}

/**
 * Only where the first and the last byte fit is the word compared: the "generic SIMD" search of W. Muła,
 * http://0x80.pl/articles/simd-strfind.html.
 */
function findWord(): wasm.FunctionParts {
  const [length, at, count, candidates, candidate, compared, first, firstFold, last, lastFold] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]
  const lastOf = (address: number): wasm.Code => wasm.add(wasm.get(length), wasm.number(address - 1))
  const fits = (address: wasm.Code, fold: wasm.Local, byte: wasm.Local): wasm.Code =>
    wasm.sameBytes(wasm.orBytes(wasm.load(address), wasm.get(fold)), wasm.get(byte))
  const inWindow = wasm.add(wasm.get(at), wasm.number(WINDOW_AT))
  const beside = (address: number): wasm.Code => wasm.load(wasm.add(wasm.get(compared), wasm.number(address)))
  const sameAsWord = wasm.sameBytes(
    wasm.orBytes(
      wasm.load(wasm.add(wasm.add(wasm.get(candidate), wasm.get(compared)), wasm.number(WINDOW_AT))),
      beside(FOLD_AT),
    ),
    beside(WORD_AT),
  )
  return {
    name: 'findWord',
    parameters: 3,
    locals: ['i32', 'i32', 'i32', 'v128', 'v128', 'v128', 'v128'],
    body: [
      wasm.set(first, wasm.splat(wasm.loadByte(wasm.number(WORD_AT)))),
      wasm.set(firstFold, wasm.splat(wasm.loadByte(wasm.number(FOLD_AT)))),
      wasm.set(last, wasm.splat(wasm.loadByte(lastOf(WORD_AT)))),
      wasm.set(lastFold, wasm.splat(wasm.loadByte(lastOf(FOLD_AT)))),
      // From here on the last place where the word could begin.
      wasm.set(count, wasm.subtract(wasm.get(count), wasm.get(length))),
      wasm.repeatWhile(
        wasm.isAtMost(wasm.get(at), wasm.get(count)),
        wasm.set(
          candidates,
          wasm.highBits(
            wasm.andBytes(
              fits(inWindow, firstFold, first),
              fits(wasm.add(wasm.add(inWindow, wasm.get(length)), wasm.number(-1)), lastFold, last),
            ),
          ),
        ),
        wasm.repeatWhile(
          wasm.get(candidates),
          wasm.set(candidate, wasm.add(wasm.get(at), wasm.trailingZeros(wasm.get(candidates)))),
          wasm.set(compared, wasm.number(0)),
          wasm.repeatWhile(
            wasm.and(
              wasm.isLess(wasm.get(compared), wasm.get(length)),
              wasm.isEqual(wasm.highBits(sameAsWord), wasm.number(ALL_SAME)),
            ),
            wasm.set(compared, wasm.add(wasm.get(compared), wasm.number(VECTOR_BYTES))),
          ),
          wasm.when(
            wasm.and(
              wasm.isAtLeast(wasm.get(compared), wasm.get(length)),
              wasm.isAtMost(wasm.get(candidate), wasm.get(count)),
            ),
            wasm.answer(wasm.get(candidate)),
          ),
          // Without its lowest bit.
          wasm.set(
            candidates,
            wasm.and(wasm.get(candidates), wasm.subtract(wasm.get(candidates), wasm.number(1))),
          ),
        ),
        wasm.set(at, wasm.add(wasm.get(at), wasm.number(VECTOR_BYTES))),
      ),
      wasm.number(NOWHERE),
    ],
  }
}

declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Kernel }
}

/** @returns undefined where the processor cannot look at sixteen bytes at once. */
export function makeKernel(): Kernel | undefined {
  const bytes = wasm.assemble([countByte(), findWord()], PAGES)
  return WebAssembly.validate(bytes)
    ? new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports
    : undefined
}
