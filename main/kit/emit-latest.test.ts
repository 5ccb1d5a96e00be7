import { expect, it } from 'vitest'
import { emitLatest } from './emit-latest.ts'
import { openChannel } from './channel-fixture.ts'

function counter() {
  const listeners = new Set<() => void>()
  let value = 0
  return {
    read: () => value,
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(next: number) {
      value = next
      for (const listener of listeners) listener()
    },
    get listening() {
      return listeners.size
    },
  }
}

it('a reader gets the present value first, then changes, and a slow one only the latest', async () => {
  const source = counter()
  const channel = openChannel('envelopes', {
    echo: ({ text }) => ({ text }),
    count: (_, context) => emitLatest(context, source.read, source.subscribe),
  })
  const reader = channel.client.stream('count', { to: 0 }, { credit: 1 })[Symbol.asyncIterator]()
  expect(await reader.next()).toEqual({ done: false, value: 0 })
  source.set(1)
  // Its one credit is spent: what happens now is folded.
  for (let n = 2; n <= 50; n++) source.set(n)
  expect((await reader.next()).value).toBe(50)
  const next = reader.next()
  source.set(51)
  expect((await next).value).toBe(51)
  await reader.return?.()
  expect(source.listening).toBe(0)
  channel.close()
})

it('with a least time between values, what changes meanwhile is folded though the reader would take it, and a part is not waited for', async () => {
  const source = counter()
  let parts = 0
  const read = (): number => {
    // The second value comes in two parts.
    if (source.read() === 1 && ++parts === 1) source.set(1)
    return source.read()
  }
  const channel = openChannel('envelopes', {
    echo: ({ text }) => ({ text }),
    count: (_, context) => emitLatest(context, read, source.subscribe, LONG_MS),
  })
  const from = performance.now()
  const reader = channel.client.stream('count', { to: 0 }, { credit: 4 })[Symbol.asyncIterator]()
  expect((await reader.next()).value).toBe(0)
  source.set(1)
  expect((await reader.next()).value).toBe(1)
  const second = performance.now()
  expect(second - from).toBeGreaterThan(LONG_MS - 1)
  expect((await reader.next()).value).toBe(1)
  for (let n = 2; n <= 50; n++) source.set(n)
  expect((await reader.next()).value).toBe(50)
  expect(performance.now() - second).toBeGreaterThan(LONG_MS - 1)
  await reader.return?.()
  expect(source.listening).toBe(0)
  channel.close()
})

/** Long enough that nothing else takes so long, in milliseconds. */
const LONG_MS = 100
