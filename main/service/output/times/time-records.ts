/**
 * The file `times` of an attempt: for each look at its growing output three doubles, little-endian: how many bytes it had,
 * and not before and not after which moment those had come that it had not had at the look before, in milliseconds since 1970.
 */
export interface TimeRecord {
  readonly bytes: number
  readonly from: number
  readonly to: number
}

const DOUBLE_BYTES = 8
export const TIME_RECORD_BYTES = 3 * DOUBLE_BYTES

export function writeTimeRecords(records: readonly TimeRecord[]): Buffer {
  const bytes = Buffer.alloc(records.length * TIME_RECORD_BYTES)
  records.forEach((record, index) => {
    const at = index * TIME_RECORD_BYTES
    bytes.writeDoubleLE(record.bytes, at)
    bytes.writeDoubleLE(record.from, at + DOUBLE_BYTES)
    bytes.writeDoubleLE(record.to, at + 2 * DOUBLE_BYTES)
  })
  return bytes
}

export function readTimeRecord(record: Buffer): TimeRecord {
  return {
    bytes: record.readDoubleLE(0),
    from: record.readDoubleLE(DOUBLE_BYTES),
    to: record.readDoubleLE(2 * DOUBLE_BYTES),
  }
}
