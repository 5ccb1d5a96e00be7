import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect as connectTo, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { call, stream, type Contract } from '#contract/channel.ts'
import { connect } from './client.ts'
import { dialWithEnvelopes } from './dial.ts'
import { frameSocket, type FrameSocket } from './socket-frames.ts'
import { socketPort } from './socket-port.ts'
import { serve } from './serve.ts'

const MAX_BYTES = 1024 * 1024

const contract = {
  echo: call(z.object({ value: z.unknown() }), z.unknown()),
  count: stream(z.object({ to: z.number() }), z.number(), z.object({})),
  wait: call(z.object({}), z.object({})),
} satisfies Contract

let folder: string
let near: Socket
let far: Socket
let closeServer: () => void

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offloop-socket-'))
  const server = createServer()
  server.listen(join(folder, 'test.sock'))
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[Socket]>
  near = connectTo(join(folder, 'test.sock'))
  await once(near, 'connect')
  ;[far] = await accepted
  closeServer = () => server.close()
})
afterEach(async () => {
  near.destroy()
  far.destroy()
  closeServer()
  await rm(folder, { recursive: true })
})

function frames(socket: Socket, readOnlyWhileSent = false): FrameSocket {
  return frameSocket(socket, { maxBytes: MAX_BYTES, readOnlyWhileSent })
}

function serveFar(reasons: unknown[] = []): void {
  serve(contract, socketPort(frames(far, true)), {
    echo: ({ value }) => value,
    async count({ to }, { emit }) {
      for (let n = 0; n < to; n += 1) await emit(n)
      return {}
    },
    wait: (_params, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push((signal.reason as { code: string }).code)
          reject(signal.reason as Error)
        })
      }),
  })
}

function nearClient(): ReturnType<typeof connect<typeof contract>> {
  const port = socketPort(frames(near))
  return connect(contract, port, dialWithEnvelopes(port))
}

test('values arrive as they were sent: big integers, bytes, undefined within objects', async () => {
  serveFar()
  const value = { big: 2n ** 80n, bytes: new Uint8Array([0, 255]), none: undefined, text: 'é', inf: Infinity }
  expect(await nearClient().call('echo', { value })).toEqual(value)
})

test('a stream arrives in order, however slowly it is read', async () => {
  serveFar()
  const seen: number[] = []
  for await (const n of nearClient().stream('count', { to: 1_000 })) seen.push(n)
  expect(seen).toEqual(Array.from({ length: 1_000 }, (_, n) => n))
})

test('what is sent before anybody listens waits for the listener', async () => {
  const answer = nearClient().call('echo', { value: 1 })
  const port = socketPort(frames(far))
  await new Promise((resolve) => setImmediate(resolve))
  serve(contract, port, { echo: ({ value }) => value, count: () => Promise.resolve({}), wait: () => ({}) })
  expect(await answer).toBe(1)
})

test('when the asker goes, its requests are aborted with "host-lost"', async () => {
  const reasons: unknown[] = []
  serveFar(reasons)
  const waiting = nearClient().call('wait', {})
  waiting.catch(() => undefined)
  await nearClientReady()
  const closed = once(far, 'close')
  near.destroy()
  await closed
  expect(reasons).toEqual(['host-lost'])
  await expect(waiting).rejects.toMatchObject({ failure: { code: 'host-lost' } })

  /** A second request has been answered, so the first has arrived. */
  async function nearClientReady(): Promise<void> {
    while (far.bytesRead === 0) await new Promise((resolve) => setImmediate(resolve))
  }
})

test('when the answerer goes, what is pending fails with "host-lost"', async () => {
  serveFar()
  const waiting = nearClient().call('wait', {})
  far.destroy()
  await expect(waiting).rejects.toMatchObject({ failure: { code: 'host-lost' } })
})

test('a frame that is longer than allowed, or empty, closes the socket unread', async () => {
  const got: unknown[] = []
  frames(far).onFrame((payload) => got.push(payload))
  const closed = once(near, 'close')
  near.on('error', () => undefined)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(MAX_BYTES + 1)
  near.write(length)
  near.resume()
  await closed
  expect(got).toEqual([])
})

test('bytes that are no structured clone close the socket', async () => {
  serveFar()
  near.on('error', () => undefined)
  const closed = once(near, 'close')
  near.write(Buffer.from([2, 0, 0, 0, 0x7b, 0x7d]))
  near.resume()
  await closed
})

test('a frame arrives whole however it is cut on its way', async () => {
  const got = new Promise<Buffer>((resolve) => frames(far).onFrame(resolve))
  const whole = Buffer.concat([Buffer.from([5, 0, 0, 0]), Buffer.from('hello')])
  for (const byte of whole) {
    near.write(Buffer.from([byte]))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await got).toString()).toBe('hello')
})
