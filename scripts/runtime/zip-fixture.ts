import { crc32 } from 'node:zlib'

const EXECUTABLE_FILE = 0o100755
const MADE_ON_UNIX = 3 << 8
const VERSION_2_0 = 20

/**
 * Writes a zip archive without compression; every file is executable.
 * Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
 *
 * @param files name inside the archive to content
 */
export function zip(files: Record<string, string>): Buffer {
  const locals: Buffer[] = []
  const centrals: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text, 'latin1')
    const path = Buffer.from(name)
    const sizes = [...uint32(crc32(content)), ...uint32(content.length), ...uint32(content.length)]
    const header = [
      ...uint16(VERSION_2_0),
      ...uint16(0),
      ...uint16(0),
      ...uint32(0),
      ...sizes,
      ...uint16(path.length),
    ]
    const local = Buffer.from([...uint32(0x04034b50), ...header, ...uint16(0)])
    const central = Buffer.from([
      ...uint32(0x02014b50),
      ...uint16(MADE_ON_UNIX | VERSION_2_0),
      ...header,
      ...[0, 0, 0, 0].flatMap(uint16),
      ...uint32(EXECUTABLE_FILE * 0x10000),
      ...uint32(offset),
    ])
    locals.push(local, path, content)
    centrals.push(central, path)
    offset += local.length + path.length + content.length
  }
  const directory = Buffer.concat(centrals)
  const count = Object.keys(files).length
  const end = [
    ...uint32(0x06054b50),
    ...[0, 0, count, count].flatMap(uint16),
    ...uint32(directory.length),
    ...uint32(offset),
    ...uint16(0),
  ]
  return Buffer.concat([...locals, directory, Buffer.from(end)])
}

function uint16(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff]
}

function uint32(value: number): number[] {
  return [...uint16(value & 0xffff), ...uint16(value >>> 16)]
}
