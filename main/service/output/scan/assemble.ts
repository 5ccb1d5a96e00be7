/**
 * As much of the binary format of WebAssembly as the scan of bytes needs (WebAssembly Core Specification 2.0, chapter 5).
 * Code is written as expressions: each is its bytes, its operands before it.
 */
export type Code = readonly number[]

/** A parameter or local of a function. */
export type Local = number

const I32 = 0x7f
const V128 = 0x7b
const TYPES = { i32: I32, v128: V128 }
const FUNCTION_TYPE = 0x60
const NO_VALUE = 0x40
const END = 0x0b
const EXPORTED_FUNCTION = 0
const EXPORTED_MEMORY = 2
const SECTION = { types: 1, functions: 3, memory: 5, exports: 7, code: 10 }
const MAGIC_AND_VERSION = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
/** Before the instructions for sixteen bytes at once. */
const VECTOR = 0xfd

/** Each seven bits in a byte of their own, the lowest first, as LEB128 has it. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): Code {
  const rest = value >> 7
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0)
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)]
}

const listed = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes]
const text = (name: string): Code => sized(Array.from(name, (letter) => letter.charCodeAt(0)))

const unary =
  (...opcode: Code) =>
  (value: Code): Code => [...value, ...opcode]
const binary =
  (...opcode: Code) =>
  (left: Code, right: Code): Code => [...left, ...right, ...opcode]

export const get = (local: Local): Code => [0x20, ...unsigned(local)]
export const set = (local: Local, value: Code): Code => [...value, 0x21, ...unsigned(local)]
export const number = (value: number): Code => [0x41, ...signed(value)]
export const add = binary(0x6a)
export const subtract = binary(0x6b)
export const and = binary(0x71)
export const isZero = unary(0x45)
export const isEqual = binary(0x46)
export const isLess = binary(0x48)
export const isAtMost = binary(0x4c)
export const isAtLeast = binary(0x4e)
/** How many zeros are below the lowest bit that is set. */
export const trailingZeros = unary(0x68)
/** How many bits are set. */
export const bitCount = unary(0x69)

/** The byte, or the sixteen from there on, at an address. */
export const loadByte = unary(0x2d, 0, 0)
export const load = unary(VECTOR, 0, 0, 0)
/** A byte, sixteen times. */
export const splat = unary(VECTOR, 15)
/** All bits of those bytes that are the same, none of the others. */
export const sameBytes = binary(VECTOR, 35)
export const andBytes = binary(VECTOR, 78)
export const orBytes = binary(VECTOR, 80)
/** The highest bit of each byte. */
export const highBits = unary(VECTOR, 100)

/** Goes on as long as a condition holds that is looked at before each round. */
export const repeatWhile = (condition: Code, ...body: readonly Code[]): Code => [
  ...[0x02, NO_VALUE, 0x03, NO_VALUE],
  ...[...isZero(condition), 0x0d, 1],
  ...body.flat(),
  ...[0x0c, 0, END, END],
]
export const when = (condition: Code, ...body: readonly Code[]): Code => [
  ...condition,
  ...[0x04, NO_VALUE],
  ...body.flat(),
  END,
]

/** Ends the function with a result. */
export const answer = (value: Code): Code => [...value, 0x0f]

/** A function that takes and returns numbers of 32 bits; its result is what the last part of its body leaves. */
export interface FunctionParts {
  readonly name: string
  readonly parameters: number
  /** Further locals, numbered after the parameters. */
  readonly locals: readonly (keyof typeof TYPES)[]
  readonly body: readonly Code[]
}

/** The bytes of a module that exports these functions and, as `memory`, so many pages of 64 KiB. */
export function assemble(functions: readonly FunctionParts[], pages: number): Uint8Array {
  const section = (id: number, items: readonly Code[]): Code => [id, ...sized(listed(items))]
  return Uint8Array.from([
    ...MAGIC_AND_VERSION,
    ...section(
      SECTION.types,
      functions.map(({ parameters }) => [
        FUNCTION_TYPE,
        ...listed(Array.from({ length: parameters }, () => [I32])),
        ...listed([[I32]]),
      ]),
    ),
    ...section(
      SECTION.functions,
      functions.map((_, index) => unsigned(index)),
    ),
    ...section(SECTION.memory, [[1, ...unsigned(pages), ...unsigned(pages)]]),
    ...section(SECTION.exports, [
      ...functions.map(({ name }, index) => [...text(name), EXPORTED_FUNCTION, ...unsigned(index)]),
      [...text('memory'), EXPORTED_MEMORY, 0],
    ]),
    ...section(
      SECTION.code,
      functions.map(({ locals, body }) =>
        sized([...listed(locals.map((type) => [1, TYPES[type]])), ...body.flat(), END]),
      ),
    ),
  ])
}
