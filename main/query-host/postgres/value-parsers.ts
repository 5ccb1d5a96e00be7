import type { RawValue } from '#contract/chunk/encode.ts'

/** Object ids of the server's own types, which never change: pg_type.dat in the server's source. */
const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  oid: 26,
  float4: 700,
  float8: 701,
} as const

const text = (value: string): RawValue => value
const integer = (value: string): RawValue => BigInt(value)
/** The server writes NaN, Infinity and -Infinity as JavaScript does. */
const real = (value: string): RawValue => Number(value)
const truth = (value: string): RawValue => (value === 't' ? 'true' : 'false')
/** `\x` and hexadecimal, for every session asks for that form. */
const blob = (value: string): RawValue => Buffer.from(value.slice(2), 'hex')

const parsers = new Map<number, (value: string) => RawValue>([
  [OID.bool, truth],
  [OID.bytea, blob],
  [OID.int8, integer],
  [OID.int2, integer],
  [OID.int4, integer],
  [OID.oid, integer],
  [OID.float4, real],
  [OID.float8, real],
])

/**
 * How values of a type become values of a result: integers, floating point numbers and bytes as what they are, all
 * others (numeric first of all) as the text that the server sent.
 */
export function valueParser(typeId: number): (value: string) => RawValue {
  return parsers.get(typeId) ?? text
}
