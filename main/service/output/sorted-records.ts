import { open, type FileHandle } from 'node:fs/promises'
import { systemCode } from '../platform/system-code.ts'
import { readAt } from './read-lines.ts'

/** Records of one size in a file that grows, in rising order. */
export interface SortedRecords {
  readonly count: number
  /** The first record that is not before what is sought, or `count`: found with one small read for each halving. */
  first(isBefore: (record: Buffer) => boolean): Promise<number>
  /** So many records from one on, fewer at the end. */
  read(from: number, count: number): Promise<Buffer[]>
}

/** Opens them for as long as `use` takes; a file that is not there has none. */
export async function withSortedRecords<T>(
  path: string,
  recordBytes: number,
  use: (records: SortedRecords) => Promise<T>,
): Promise<T> {
  let file: FileHandle
  try {
    file = await open(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return use({ count: 0, first: () => Promise.resolve(0), read: () => Promise.resolve([]) })
  }
  try {
    const count = Math.floor((await file.stat()).size / recordBytes)
    async function read(from: number, wanted: number): Promise<Buffer[]> {
      const bytes = await readAt(file, from * recordBytes, Math.min(wanted, count - from) * recordBytes)
      const whole = Math.floor(bytes.length / recordBytes)
      return Array.from({ length: whole }, (_, at) =>
        bytes.subarray(at * recordBytes, (at + 1) * recordBytes),
      )
    }
    async function first(isBefore: (record: Buffer) => boolean): Promise<number> {
      let low = 0
      let high = count
      while (low < high) {
        const middle = Math.floor((low + high) / 2)
        const [record] = await read(middle, 1)
        if (record && isBefore(record)) low = middle + 1
        else high = middle
      }
      return low
    }
    return await use({ count, first, read })
  } finally {
    await file.close()
  }
}
