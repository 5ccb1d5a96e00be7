import { expect, test } from 'vitest'
import { z } from 'zod'
import { call, stream } from '#contract/channel.ts'
import { connect } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { serve } from '#kit/serve.ts'
import { domPort, makeDomChannel } from './dom-port.ts'

/** Node's MessagePort is the page's: an event target with `message` and `close`. */

const contract = {
  double: call(z.object({ n: z.number() }), z.object({ n: z.number() })),
  count: stream(z.object({ to: z.number() }), z.number(), z.object({ sum: z.number() })),
  bytes: call(z.object({}), z.object({ bytes: z.instanceof(Uint8Array) })),
  never: call(z.object({}), z.object({})),
}

function session() {
  const [near, far] = makeDomChannel()
  serve(contract, far, {
    double: ({ n }) => ({ n: 2 * n }),
    async count({ to }, { emit }) {
      for (let n = 1; n <= to; n += 1) await emit(n)
      return { sum: (to * (to + 1)) / 2 }
    },
    bytes: () => ({ bytes: new Uint8Array([1, 2, 3]) }),
    never: () => new Promise<never>(() => undefined),
  })
  return { client: connect(contract, near, dialWithPortPerRequest(near, makeDomChannel)), near, far }
}

test('a call over ports of the page is answered', async () => {
  const { client, near } = session()
  await expect(client.call('double', { n: 21 })).resolves.toEqual({ n: 42 })
  await expect(client.call('bytes', {})).resolves.toEqual({ bytes: new Uint8Array([1, 2, 3]) })
  near.close()
})

test('a stream over ports of the page brings every item in order', async () => {
  const { client, near } = session()
  const counting = client.stream('count', { to: 100 })
  const items: number[] = []
  for await (const item of counting) items.push(item)
  expect(items).toEqual(Array.from({ length: 100 }, (_, index) => index + 1))
  await expect(counting.result).resolves.toEqual({ sum: 5_050 })
  near.close()
})

test('a request that is open when the other side goes fails with host-lost', async () => {
  const { client, near, far } = session()
  // A started port tells that its other end is gone.
  near.onMessage(() => undefined)
  const asked = client.call('never', {})
  await client.call('double', { n: 1 })
  far.close()
  await expect(asked).rejects.toMatchObject({ code: 'host-lost' })
})

test('a port that has closed says so to whoever asks later, and sends nothing', async () => {
  const { port1, port2 } = new MessageChannel()
  const near = domPort(port1)
  near.onMessage(() => undefined)
  const closed = new Promise<void>((resolve) => near.onClose(resolve))
  port2.close()
  await closed
  await new Promise<void>((resolve) => near.onClose(resolve))
  near.post({ t: 'nothing' })
  near.close()
})
