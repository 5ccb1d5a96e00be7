/** A square picture as a PNG file. */
export type IconImage = {
  /** Width and height in pixels. */
  size: number
  png: Buffer
}

/** Sizes that an .icns names, and their types. Source: en.wikipedia.org/wiki/Apple_Icon_Image_format, "Icon types". */
const ICNS_TYPES: Readonly<Record<number, string>> = {
  16: 'icp4',
  32: 'icp5',
  64: 'icp6',
  128: 'ic07',
  256: 'ic08',
  512: 'ic09',
  1024: 'ic10',
}

/** An .ico gives a side one byte, in which 0 stands for this. */
const LARGEST_ICO_SIDE = 256
const ICO_HEADER_BYTES = 6
const ICO_ENTRY_BYTES = 16
const ICO_KIND_ICON = 1
const BITS_PER_PIXEL = 32
const ICNS_HEADER_BYTES = 8

/**
 * Makes a Windows icon of PNG images; those that are too large for it are left out.
 * Source: learn.microsoft.com/previous-versions/ms997538 (ICONDIR, ICONDIRENTRY), PNG entries since Windows Vista.
 */
export function icoFile(images: readonly IconImage[]): Buffer {
  const fitting = images.filter(({ size }) => size <= LARGEST_ICO_SIDE)
  const header = Buffer.alloc(ICO_HEADER_BYTES)
  header.writeUInt16LE(ICO_KIND_ICON, 2)
  header.writeUInt16LE(fitting.length, 4)
  let offset = ICO_HEADER_BYTES + ICO_ENTRY_BYTES * fitting.length
  const entries = fitting.map(({ size, png }) => {
    const entry = Buffer.alloc(ICO_ENTRY_BYTES)
    entry.writeUInt8(size % LARGEST_ICO_SIDE, 0)
    entry.writeUInt8(size % LARGEST_ICO_SIDE, 1)
    entry.writeUInt16LE(1, 4)
    entry.writeUInt16LE(BITS_PER_PIXEL, 6)
    entry.writeUInt32LE(png.length, 8)
    entry.writeUInt32LE(offset, 12)
    offset += png.length
    return entry
  })
  return Buffer.concat([header, ...entries, ...fitting.map(({ png }) => png)])
}

/** Makes a macOS icon of PNG images; sizes that it does not name are left out. */
export function icnsFile(images: readonly IconImage[]): Buffer {
  const parts = images.flatMap(({ size, png }) => {
    const type = ICNS_TYPES[size]
    return type === undefined ? [] : [chunk(type, png)]
  })
  return chunk('icns', Buffer.concat(parts))
}

function chunk(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(ICNS_HEADER_BYTES)
  header.write(type, 'latin1')
  header.writeUInt32BE(ICNS_HEADER_BYTES + content.length, 4)
  return Buffer.concat([header, content])
}
