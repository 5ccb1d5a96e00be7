import { scanner } from './scan/scanner.ts'

const NEWLINE = 0x0a

/** Of fewer bytes there is no use in a scanner. */
const SCANNED_BYTES = 4 * 1024

/**
 * Counts the newlines among bytes: 1 GB in 60 ms whatever the length of the lines, where in JavaScript alone a look at each
 * byte took 1 s, at four at a time 280 ms, and a search for each newline 200 ms (lines of 100 bytes) to 10 s (of 2).
 */
export function countNewlines(bytes: Uint8Array): number {
  const scanned = bytes.length < SCANNED_BYTES ? undefined : scanner()?.countByte(NEWLINE, bytes)
  return scanned ?? countEach(bytes)
}

function countEach(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) if (byte === NEWLINE) count++
  return count
}
