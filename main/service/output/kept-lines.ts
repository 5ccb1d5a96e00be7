import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { isDiskFull, systemCode } from '../platform/system-code.ts'
import { STRETCH_BYTES, type KeptCounts } from './line-counts.ts'

/**
 * The file `lines` of an attempt: 8 bytes of magic with the version, then doubles, little-endian: the CRC-32 of all that
 * follow, the stretch's size, the bytes looked through, the newlines, 1 if the last byte is one, and then the entries.
 */
const MAGIC = Buffer.from('OFLINES1')
const DOUBLE_BYTES = 8
const ENTRIES_AT = 5

/** Reads what was kept; undefined when there is nothing, or nothing that may be relied on: counting again is safe. */
export async function readKeptLines(path: string): Promise<KeptCounts | undefined> {
  let file: Buffer
  try {
    file = await readFile(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  if (!file.subarray(0, MAGIC.length).equals(MAGIC) || file.length % DOUBLE_BYTES !== 0) return undefined
  const numbers = new Float64Array(file.length / DOUBLE_BYTES - 1)
  for (let index = 0; index < numbers.length; index++)
    numbers[index] = file.readDoubleLE(MAGIC.length + index * DOUBLE_BYTES)
  const [checksum, stretch, bytes = 0, newlines = 0, endsLine] = numbers
  const entries = numbers.slice(ENTRIES_AT)
  const whole =
    checksum === crc32(file.subarray(MAGIC.length + DOUBLE_BYTES)) &&
    stretch === STRETCH_BYTES &&
    entries.length === Math.floor(bytes / STRETCH_BYTES) + 1
  return whole ? { bytes, newlines, endsLine: endsLine === 1, entries } : undefined
}

/**
 * Keeps a count, whole or not at all, and not on a full disk. It can always be made again, so it is not worth waiting for
 * the disk.
 */
export async function writeKeptLines(path: string, counts: KeptCounts): Promise<void> {
  const numbers = [STRETCH_BYTES, counts.bytes, counts.newlines, counts.endsLine ? 1 : 0, ...counts.entries]
  const file = Buffer.alloc(MAGIC.length + (numbers.length + 1) * DOUBLE_BYTES)
  MAGIC.copy(file)
  const body = file.subarray(MAGIC.length + DOUBLE_BYTES)
  numbers.forEach((value, index) => body.writeDoubleLE(value, index * DOUBLE_BYTES))
  file.writeDoubleLE(crc32(body), MAGIC.length)
  const part = `${path}.part`
  try {
    await writeFile(part, file, { mode: 0o600 })
    await rename(part, path)
  } catch (error) {
    if (!isDiskFull(error)) throw error
    await rm(part, { force: true })
  }
}
