import { open, readFile, rename } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { systemCode } from '../platform/system-code.ts'
import { STRETCH_BYTES, type KeptCounts } from './line-counts.ts'

/**
 * The file `lines` of an attempt, little-endian: 8 bytes of magic with the version, then as doubles the stretch's size,
 * the bytes looked through, the newlines, 1 if the last byte is one, the CRC-32 of the entries, and then the entries.
 */
const MAGIC = Buffer.from('OFLINES1')
const HEADER_DOUBLES = 5
const HEADER_BYTES = MAGIC.length + HEADER_DOUBLES * Float64Array.BYTES_PER_ELEMENT

/** Reads what was kept; undefined when there is nothing, or nothing that may be relied on: counting again is safe. */
export async function readKeptLines(path: string): Promise<KeptCounts | undefined> {
  let file: Buffer
  try {
    file = await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  if (file.length < HEADER_BYTES || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const number = (index: number): number => file.readDoubleLE(MAGIC.length + index * 8)
  const body = file.subarray(HEADER_BYTES)
  const bytes = number(1)
  const whole = body.length === (Math.floor(bytes / STRETCH_BYTES) + 1) * 8
  if (number(0) !== STRETCH_BYTES || !whole || number(4) !== crc32(body)) return undefined
  const entries = new Float64Array(body.length / 8)
  for (let index = 0; index < entries.length; index++) entries[index] = body.readDoubleLE(index * 8)
  return { bytes, newlines: number(2), endsLine: number(3) === 1, entries }
}

/** Keeps a count, whole or not at all. It can always be made again, so it is not worth waiting for the disk. */
export async function writeKeptLines(path: string, counts: KeptCounts): Promise<void> {
  const body = Buffer.allocUnsafe(counts.entries.length * 8)
  counts.entries.forEach((count, index) => body.writeDoubleLE(count, index * 8))
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header)
  const numbers = [STRETCH_BYTES, counts.bytes, counts.newlines, counts.endsLine ? 1 : 0, crc32(body)]
  numbers.forEach((value, index) => header.writeDoubleLE(value, MAGIC.length + index * 8))
  const part = await open(`${path}.part`, 'w', 0o600)
  try {
    await part.writev([header, body])
  } finally {
    await part.close()
  }
  await rename(`${path}.part`, path)
}
