import { connect, type Client } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import type { Port } from '#kit/port.ts'
import { domPort, makeDomChannel } from '../../../renderer/ipc/dom-port.ts'
import { farContract, middleContract } from './contract.ts'

/** What the test calls in the page. */
export interface Probe {
  /** Reads `count` batches from the far process, over a port that went through the middle one. */
  readBatches(count: number): Promise<{ sums: number[]; sent: number }>
  /** Opens a stream of a million batches and resolves with the code of its failure. */
  failureOfEndlessRead(): Promise<string>
  /** Asks the far process to block and resolves with the code of the failure that ends it. */
  failureOfBlock(): Promise<string>
  /** Opens a request to the middle process that stays open. */
  startWaiting(): Promise<void>
  lastReason(): Promise<string | null>
}

declare global {
  interface Window {
    probe: Probe
  }
}

function connected(session: Port): Probe {
  const middle = connect(middleContract, session, dialWithPortPerRequest(session, makeDomChannel))

  async function openFar(): Promise<Client<typeof farContract>> {
    const [near, far] = makeDomChannel()
    await middle.call('relay', {}, { passengers: [far] })
    return connect(farContract, near, dialWithPortPerRequest(near, makeDomChannel))
  }
  const codeOf = (error: unknown): string =>
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error)

  return {
    async readBatches(count) {
      const stream = (await openFar()).stream('batches', { count })
      const sums: number[] = []
      for await (const batch of stream) sums.push((batch[0] ?? -1) * (batch.length / 1024))
      return { sums, sent: (await stream.result).sent }
    },
    async failureOfEndlessRead() {
      const stream = (await openFar()).stream('batches', { count: 1_000_000 })
      try {
        for await (const batch of stream) document.title = `reading ${batch.length}`
        return 'none'
      } catch (error) {
        return codeOf(error)
      }
    },
    async failureOfBlock() {
      const far = await openFar()
      const blocked = far.call('block', {}).then(() => 'none', codeOf)
      document.title = 'blocking'
      return blocked
    },
    async startWaiting() {
      const reader = middle.stream('wait', {})[Symbol.asyncIterator]()
      await reader.next()
    },
    lastReason: async () => (await middle.call('lastReason', {})).code,
  }
}

window.addEventListener('message', ({ ports: [port] }) => {
  if (port) window.probe = connected(domPort(port))
})
window.postMessage({ offloop: 'ready' }, '*')
