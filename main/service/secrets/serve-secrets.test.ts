import { MessageChannel } from 'node:worker_threads'
import { expect, it, onTestFinished } from 'vitest'
import { brokerContract, type BrokerContract } from '#contract/supervision.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { serve } from '#kit/serve.ts'
import { passwordFor, serveSecrets } from './serve-secrets.ts'

const { 'secret.read': read, 'secret.write': write } = brokerContract
const context = { signal: new AbortController().signal, passengers: [] }

/** The part of main that keeps secrets, over a real port. */
function openBroker(): { readonly broker: Client<BrokerContract>; readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  const { port1, port2 } = new MessageChannel()
  const serving = serve({ 'secret.read': read, 'secret.write': write }, nodePort(port1), {
    'secret.read': ({ owner }) => ({ secret: kept.get(owner) ?? null }),
    'secret.write'({ owner, secret }) {
      if (secret === null) kept.delete(owner)
      else kept.set(owner, secret)
      return { kept: 'keychain' }
    },
  })
  onTestFinished(() => serving.close())
  const session = nodePort(port2)
  return { broker: connect(brokerContract, session, dialWithEnvelopes(session)), kept }
}

it('keeps a password for all databases of a user on a server, and says where', async () => {
  const { broker, kept } = openBroker()
  const told: (string | null)[][] = []
  const save = serveSecrets(broker, async (...saved) => void told.push(saved))['database.savePassword']
  expect(await save({ address: 'postgres://ann@db/shop', password: 'secret' }, context)).toEqual({
    kept: 'keychain',
  })
  expect([...kept.keys()]).toEqual(['postgres://ann@db:5432'])
  expect(await passwordFor(broker, 'postgresql://ann@db:5432/stock?sslmode=require')).toBe('secret')
  expect(await passwordFor(broker, 'postgres://bob@db/shop')).toBeUndefined()
  await save({ address: 'postgres://ann@db/shop', password: null }, context)
  expect(await passwordFor(broker, 'postgres://ann@db/shop')).toBeUndefined()
  expect(told).toEqual([
    ['postgres://ann@db:5432', 'secret'],
    ['postgres://ann@db:5432', null],
  ])
})

it('refuses to keep one for what is no server, and asks for none for a file', async () => {
  const { broker, kept } = openBroker()
  const save = serveSecrets(broker, async () => undefined)['database.savePassword']
  await expect(save({ address: '/home/ann/shop.db', password: 'secret' }, context)).rejects.toMatchObject({
    failure: { code: 'invalid-params', message: expect.not.stringContaining('secret') as string },
  })
  expect(kept.size).toBe(0)
  expect(await passwordFor(broker, '/home/ann/shop.db')).toBeUndefined()
})
