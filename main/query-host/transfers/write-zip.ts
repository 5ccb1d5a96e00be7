import { constants, crc32, deflateRawSync } from 'node:zlib'
import { failed } from '#kit/request-failed.ts'
import type { FileWriter } from './write-file.ts'

/** Compressed at a time; what is in one piece refers to nothing before it, which costs about one part in a hundred. */
const PIECE_CHARACTERS = 256 * 1024
/** Offsets and lengths are 32-bit, and not every program reads the form that has longer ones. */
const MAX_BYTES = 0xffff_ffff
const LOCAL_HEADER = 0x04034b50
const DESCRIPTOR = 0x08074b50
const CENTRAL_HEADER = 0x02014b50
const END_OF_DIRECTORY = 0x06054b50
/** Version 2.0: compressed with deflate. */
const VERSION = 20
/** Lengths follow the data, and names are UTF-8. */
const FLAGS = 0x0808
const DEFLATE = 8
/** 1 January 1980, the first day that the format knows: the same rows always make the same file. */
const DATE = 0x21

interface Entry {
  readonly name: Buffer
  readonly offset: number
  readonly crc: number
  readonly packed: number
  readonly length: number
}

/** Writes the files of a ZIP archive one after the other. */
export interface ZipWriter {
  begin(name: string): void
  /** Adds to the file that was begun last. @throws RequestFailed as the file does, `invalid-params` above 4 GB. */
  write(text: string): void
  /** Ends the last file and writes the list of them. */
  end(): void
}

/**
 * Starts an archive, which is written from its start to its end with flat memory.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function writeZip(file: FileWriter): ZipWriter {
  const entries: Entry[] = []
  let open: { readonly name: Buffer; readonly offset: number } | undefined
  let gathered = ''
  let crc = 0
  let packed = 0
  let length = 0

  function pack(isLast: boolean): void {
    const bytes = Buffer.from(gathered)
    gathered = ''
    crc = crc32(bytes, crc)
    length += bytes.length
    // A flush ends at a byte without ending the stream, so that pieces follow each other in it.
    const piece = deflateRawSync(bytes, isLast ? {} : { finishFlush: constants.Z_SYNC_FLUSH })
    packed += piece.length
    file.write(piece)
    if (length > MAX_BYTES || file.bytes > MAX_BYTES) {
      throw failed(
        'invalid-params',
        'These rows make more than the 4 GB that XLSX can hold. Export them as CSV.',
      )
    }
  }

  function close(): void {
    if (!open) return
    pack(true)
    file.write(words([4, DESCRIPTOR], [4, crc], [4, packed], [4, length]))
    entries.push({ ...open, crc, packed, length })
    open = undefined
  }

  return {
    begin(name) {
      close()
      crc = packed = length = 0
      open = { name: Buffer.from(name), offset: file.bytes }
      file.write(
        words(
          [4, LOCAL_HEADER],
          [2, VERSION],
          [2, FLAGS],
          [2, DEFLATE],
          [2, 0],
          [2, DATE],
          [4, 0],
          [4, 0],
          [4, 0],
          [2, open.name.length],
          [2, 0],
        ),
      )
      file.write(open.name)
    },
    write(text) {
      gathered += text
      if (gathered.length >= PIECE_CHARACTERS) pack(false)
    },
    end() {
      close()
      const start = file.bytes
      for (const { name, offset, crc: sum, packed: short, length: long } of entries) {
        file.write(
          words(
            [4, CENTRAL_HEADER],
            [2, VERSION],
            [2, VERSION],
            [2, FLAGS],
            [2, DEFLATE],
            [2, 0],
            [2, DATE],
            [4, sum],
            [4, short],
            [4, long],
            [2, name.length],
            [2, 0],
            [2, 0],
            [2, 0],
            [2, 0],
            [4, 0],
            [4, offset],
          ),
        )
        file.write(name)
      }
      const count = entries.length
      file.write(
        words(
          [4, END_OF_DIRECTORY],
          [2, 0],
          [2, 0],
          [2, count],
          [2, count],
          [4, file.bytes - start],
          [4, start],
          [2, 0],
        ),
      )
    },
  }
}

/** Numbers of 2 or 4 bytes, little-endian. */
function words(...numbers: readonly (readonly [2 | 4, number])[]): Buffer {
  return Buffer.concat(
    numbers.map(([size, value]) => {
      const bytes = Buffer.alloc(size)
      bytes.writeUIntLE(value, 0, size)
      return bytes
    }),
  )
}
