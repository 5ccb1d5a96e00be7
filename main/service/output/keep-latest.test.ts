import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keepLatest } from './keep-latest.ts'

test('the last bytes are kept, however they come', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (parts) => {
      const latest = keepLatest(16)
      for (const part of parts) latest.add(part)
      expect([...latest.bytes()]).toEqual(parts.flatMap((part) => [...part]).slice(-16))
    }),
  )
})
