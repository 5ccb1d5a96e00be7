/** The longest UTF-8 sequence has four bytes: at most three of an unfinished one can be there. */
const MAX_UNFINISHED_BYTES = 3

/** The bytes without a UTF-8 character that is only begun at their end; bytes that are no UTF-8 stay as they are. */
export function wholeCharacters(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(MAX_UNFINISHED_BYTES, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0b1100_0000) === 0b1000_0000) continue
    return lengthOfSequence(byte) > back ? bytes.subarray(0, bytes.length - back) : bytes
  }
  return bytes
}

/** How many bytes the sequence has that begins so; 1 for a byte that begins none. */
function lengthOfSequence(lead: number): number {
  if ((lead & 0b1110_0000) === 0b1100_0000) return 2
  if ((lead & 0b1111_0000) === 0b1110_0000) return 3
  if ((lead & 0b1111_1000) === 0b1111_0000) return 4
  return 1
}
