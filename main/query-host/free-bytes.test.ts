import { expect, it } from 'vitest'
import { freeBytes } from './free-bytes.ts'

it('long bytes are gone at once', () => {
  const bytes = new Uint8Array(200_000)
  freeBytes(bytes.subarray(0, 10))
  expect(bytes.length).toBe(0)
  expect(bytes.buffer.byteLength).toBe(0)
})

it('short bytes stay, because others may share their buffer', () => {
  const bytes = Buffer.from('shared')
  freeBytes(bytes)
  expect(bytes.toString()).toBe('shared')
})
