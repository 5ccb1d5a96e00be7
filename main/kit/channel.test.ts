import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import {
  dialings,
  makeNodeChannel,
  openChannel,
  testContract,
  type Channel,
  type TestContract,
} from './channel-fixture.ts'
import { connect } from './client.ts'
import { dialWithPortPerRequest } from './dial.ts'
import { failed, RequestFailed } from './request-failed.ts'
import { serve, WithPorts, type Handlers } from './serve.ts'

const open: Channel[] = []

function channelWith(dialing: (typeof dialings)[number], handlers: Partial<Handlers<TestContract>>): Channel {
  const channel = openChannel(dialing, {
    echo: ({ text }) => ({ text }),
    count: async ({ to }, context) => {
      for (let n = 0; n < to; n++) await context.emit(n)
      return { sent: to }
    },
    ...handlers,
  })
  open.push(channel)
  return channel
}

async function failureOf(promise: Promise<unknown>): Promise<RequestFailed> {
  const thrown: unknown = await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  )
  if (thrown instanceof RequestFailed) return thrown
  throw thrown
}

afterEach(() => {
  for (const channel of open.splice(0)) channel.close()
})

describe.each(dialings)('with %s', (dialing) => {
  it('a call comes back with its answer', async () => {
    const { client } = channelWith(dialing, {})
    expect(await client.call('echo', { text: '你好' })).toEqual({ text: '你好' })
  })

  it('a stream brings its items in order and then its result', async () => {
    const { client } = channelWith(dialing, {})
    const stream = client.stream('count', { to: 100 })
    const items: number[] = []
    for await (const item of stream) items.push(item)
    expect(items).toEqual(Array.from({ length: 100 }, (_, n) => n))
    expect(await stream.result).toEqual({ sent: 100 })
  })

  it('wrong params never reach the handler and name what is wrong', async () => {
    let reached = false
    const { client } = channelWith(dialing, {
      echo: ({ text }) => {
        reached = true
        return { text }
      },
    })
    const params = JSON.parse('{"text":7}') as { text: string }
    const error = await failureOf(client.call('echo', params))
    expect(error.code).toBe('invalid-params')
    expect(error.message).toContain('text')
    expect(reached).toBe(false)
  })

  it('an unknown method is refused, also one that every object has', async () => {
    const { near, far } = channelWith(dialing, {})
    expect(far).toBeDefined()
    for (const method of ['nothing', 'constructor', '__proto__']) {
      const [mine, theirs] = makeNodeChannel()
      const answered = new Promise((resolve) => mine.onMessage(resolve))
      near.post({ t: 'open', method, params: {}, credit: 0 }, [theirs])
      expect(await answered).toMatchObject({ t: 'fail', failure: { code: 'invalid-params' } })
      mine.close()
    }
  })

  it('a failure arrives with its code, message and details', async () => {
    const { client } = channelWith(dialing, {
      echo: () => {
        throw failed('database', 'no such table: t', { engineCode: 'SQLITE_ERROR', position: 14 })
      },
    })
    const error = await failureOf(client.call('echo', { text: '' }))
    expect(error.failure).toEqual({
      code: 'database',
      message: 'no such table: t',
      details: { engineCode: 'SQLITE_ERROR', position: 14 },
    })
  })

  it('an unforeseen error becomes "internal" and is reported on the answering side', async () => {
    const { client, trouble } = channelWith(dialing, {
      echo: () => {
        throw new TypeError('x is undefined')
      },
    })
    expect((await failureOf(client.call('echo', { text: '' }))).code).toBe('internal')
    expect(trouble).toEqual(['"echo" failed.'])
  })

  it('an answer that does not fit the contract is not passed on', async () => {
    const { client } = channelWith(dialing, {
      echo: () => JSON.parse('{"wrong":true}') as { text: string },
    })
    expect((await failureOf(client.call('echo', { text: '' }))).code).toBe('internal')
  })

  it('a cancelled call stays open until its work has ended', async () => {
    let release = (): void => undefined
    const workEnded = new Promise<void>((resolve) => (release = resolve))
    let aborted = (): void => undefined
    const sawAbort = new Promise<void>((resolve) => (aborted = resolve))
    const { client, serving } = channelWith(dialing, {
      echo: async (_, { signal }) => {
        signal.addEventListener('abort', aborted)
        await workEnded
        throw signal.reason
      },
    })
    const controller = new AbortController()
    let settled = false
    const asked = failureOf(client.call('echo', { text: '' }, { signal: controller.signal })).finally(
      () => (settled = true),
    )
    controller.abort()
    await sawAbort
    await turn()
    expect(settled).toBe(false)
    expect(serving.openRequests).toBe(1)
    release()
    expect((await asked).code).toBe('cancelled')
    expect(serving.openRequests).toBe(0)
  })

  it('a cancel that comes too late leaves the answer as it is', async () => {
    const { client } = channelWith(dialing, {
      echo: async ({ text }, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        return { text }
      },
    })
    const controller = new AbortController()
    const asked = client.call('echo', { text: 'done all the same' }, { signal: controller.signal })
    controller.abort()
    expect(await asked).toEqual({ text: 'done all the same' })
  })

  it('a request whose signal is aborted beforehand is cancelled', async () => {
    const { client } = channelWith(dialing, {
      echo: async (_, { signal }) => {
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
        throw signal.reason
      },
    })
    expect((await failureOf(client.call('echo', { text: '' }, { signal: AbortSignal.abort() }))).code).toBe(
      'cancelled',
    )
  })

  it('a wait that the signal ends counts as cancelled, not as a fault', async () => {
    const { client, trouble } = channelWith(dialing, {
      echo: async ({ text }, { signal }) => {
        await delay(60_000, undefined, { signal })
        return { text }
      },
    })
    const controller = new AbortController()
    const asked = failureOf(client.call('echo', { text: '' }, { signal: controller.signal }))
    controller.abort()
    expect((await asked).code).toBe('cancelled')
    expect(trouble).toEqual([])
  })

  it('a deadline ends the work and fails as "deadline"', async () => {
    const { client } = channelWith(dialing, {
      echo: async (_, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        throw signal.reason
      },
    })
    expect((await failureOf(client.call('echo', { text: '' }, { deadlineMs: 5 }))).code).toBe('deadline')
  })

  it('no more items are on their way than there is credit for', async () => {
    let sent = 0
    const { client } = channelWith(dialing, {
      count: async ({ to }, context) => {
        for (let n = 0; n < to; n++) {
          await context.emit(n)
          sent += 1
        }
        return { sent: to }
      },
    })
    const stream = client.stream('count', { to: 50 }, { credit: 3 })
    const reader = stream[Symbol.asyncIterator]()
    await reader.next()
    for (let n = 0; n < 20; n++) await turn()
    expect(sent).toBe(3)
    await reader.next()
    for (let n = 0; n < 20; n++) await turn()
    expect(sent).toBe(4)
    await reader.return?.()
  })

  it('an offered item is dropped when there is no credit', async () => {
    const accepted: boolean[] = []
    const { client } = channelWith(dialing, {
      count: async (_, context) => {
        for (let n = 0; n < 5; n++) accepted.push(context.offer(n))
        return { sent: accepted.filter(Boolean).length }
      },
    })
    const stream = client.stream('count', { to: 0 }, { credit: 2 })
    const items: number[] = []
    for await (const item of stream) items.push(item)
    expect(accepted).toEqual([true, true, false, false, false])
    expect(items).toEqual([0, 1])
  })

  it('leaving the loop cancels the stream and waits until it has stopped', async () => {
    let stopped = false
    const { client, serving } = channelWith(dialing, {
      count: async (_, context) => {
        try {
          for (let n = 0; ; n++) await context.emit(n)
        } finally {
          await turn()
          stopped = true
        }
      },
    })
    for await (const item of client.stream('count', { to: 0 })) if (item === 2) break
    expect(stopped).toBe(true)
    expect(serving.openRequests).toBe(0)
  })

  it('everything pending fails with "host-lost" when the answerer goes', async () => {
    const { client, far } = channelWith(dialing, { echo: () => new Promise<never>(() => undefined) })
    const call = failureOf(client.call('echo', { text: '' }))
    const stream = client.stream('count', { to: 1_000_000 })
    const reader = stream[Symbol.asyncIterator]()
    await reader.next()
    far.close()
    expect((await call).code).toBe('host-lost')
    expect((await failureOf(stream.result)).code).toBe('host-lost')
    expect((await failureOf(client.call('echo', { text: '' }))).code).toBe('host-lost')
  })

  it('the handler is told when the asker goes', async () => {
    const { promise: told, resolve: reason } = Promise.withResolvers<unknown>()
    const { client, near } = channelWith(dialing, {
      count: async (_, context) => {
        try {
          for (let n = 0; ; n++) await context.emit(n)
        } catch (error) {
          reason(error)
          throw error
        }
      },
    })
    client.stream('count', { to: 0 }).result.catch(() => undefined)
    await turn()
    near.close()
    expect(await told).toMatchObject({ code: 'host-lost' })
  })

  it('a garbled frame ends the request that it came in, and no other', async () => {
    const { client, near, trouble } = channelWith(dialing, {
      echo: () => new Promise<never>(() => undefined),
    })
    const [mine, theirs] = makeNodeChannel()
    const answered = new Promise((resolve) => mine.onMessage(resolve))
    near.post({ t: 'open', method: 'count', params: { to: 9 }, credit: 0 }, [theirs])
    mine.post({ t: 'credit', n: -5 })
    expect(await answered).toMatchObject({ t: 'fail' })
    expect(trouble).toEqual(['A frame within "count" is not one of the protocol.'])
    mine.close()
    near.post('garbage')
    near.post({ t: 'open' })
    near.post({ t: 'open', method: 'echo', params: {}, credit: 0 })
    const items: number[] = []
    for await (const item of client.stream('count', { to: 3 })) items.push(item)
    expect(items).toEqual([0, 1, 2])
    expect(trouble).toHaveLength(4)
  })

  it('ports travel with a request and come with an answer', async () => {
    const { client } = channelWith(dialing, {
      echo: (_, { passengers: [inner] }) => {
        if (!inner) throw failed('invalid-params', 'no port came')
        // What came in goes out again: a port transferred over a port, twice.
        return new WithPorts({ text: 'here it is' }, [inner])
      },
    })
    const [mine, theirs] = makeNodeChannel()
    serve(testContract, mine, {
      echo: ({ text }) => ({ text: `inner ${text}` }),
      count: async () => ({ sent: 0 }),
    })
    const { value, ports } = await client.callForPorts('echo', { text: '' }, { passengers: [theirs] })
    expect(value.text).toBe('here it is')
    const [back] = ports
    if (!back) throw new Error('no port came back')
    const inner = connect(testContract, back, dialWithPortPerRequest(back, makeNodeChannel))
    expect(await inner.call('echo', { text: 'hello' })).toEqual({ text: 'inner hello' })
    back.close()
  })

  it('an answerer that ignores credit is stopped', async () => {
    const [near, far] = makeNodeChannel()
    far.onMessage((_, [port]) => {
      if (port) for (let n = 0; n < 10; n++) port.post({ t: 'item', value: n })
      port?.onMessage(() => port.post({ t: 'fail', failure: { code: 'cancelled', message: '' } }))
    })
    const client = connect(testContract, near, dialWithPortPerRequest(near, makeNodeChannel))
    const stream = client.stream('count', { to: 10 }, { credit: 2 })
    const error = await failureOf(stream.result)
    expect(error.message).toContain('more items than it had credit for')
    near.close()
  })
})
