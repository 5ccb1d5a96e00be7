import { expect, test } from 'vitest'
import { icnsFile, icoFile } from './icon-files.ts'

const images = [
  { size: 16, png: Buffer.from('small') },
  { size: 24, png: Buffer.from('odd') },
  { size: 256, png: Buffer.from('large picture') },
  { size: 512, png: Buffer.from('too large') },
]

test('an .ico names each image that fits with its side, length and place', () => {
  const ico = icoFile(images)
  expect(ico.readUInt16LE(4)).toBe(3)
  const found = [0, 1, 2].map((index) => {
    const entry = ico.subarray(6 + 16 * index)
    const offset = entry.readUInt32LE(12)
    return [entry.readUInt8(0), ico.toString('latin1', offset, offset + entry.readUInt32LE(8))]
  })
  expect(found).toEqual([
    [16, 'small'],
    [24, 'odd'],
    // One byte holds no 256.
    [0, 'large picture'],
  ])
})

test('an .icns holds the images of the sizes that it has a type for, and its own length', () => {
  const icns = icnsFile(images)
  expect(icns.toString('latin1', 0, 4)).toBe('icns')
  expect(icns.readUInt32BE(4)).toBe(icns.length)
  expect(icns.toString('latin1', 8, 12)).toBe('icp4')
  expect(icns.readUInt32BE(12)).toBe(8 + 'small'.length)
  expect(icns.toString('latin1')).toContain('ic08')
  expect(icns.toString('latin1')).toContain('ic09')
  expect(icns.toString('latin1')).not.toContain('odd')
})
