import type { Message, Recipe } from './recipe.ts'

/** What became of some messages. */
export interface Told {
  /** Answers by how they ended: `end`, or the code of the failure. */
  readonly answers: Readonly<Record<string, number>>
  /** Those that the page could not even send. */
  readonly unsendable: number
  /** Numbers of requests that came with a port and were not answered, not even after they were cancelled. */
  readonly unanswered: readonly number[]
  /** Numbers of requests that were carried out. */
  readonly carriedOut: readonly number[]
  /** Numbers of requests that ended with `internal`, a fault of Offloop's own, and what was said. */
  readonly faults: readonly (readonly [number, string])[]
}

/**
 * Sends messages over sessions of its own, as any script in the page could get them, all at once. What is not answered soon
 * is cancelled. It runs in the page, so it uses nothing from outside.
 */
export async function sendMessages({
  messages,
  patienceMs,
  cancelMs,
}: {
  readonly messages: readonly Message[]
  readonly patienceMs: number
  readonly cancelMs: number
}): Promise<Told> {
  const answers: Record<string, number> = {}
  const unanswered: number[] = []
  const carriedOut: number[] = []
  const faults: [number, string][] = []
  let unsendable = 0

  const sessions = await new Promise<Map<string, MessagePort>>((resolve, reject) => {
    const found = new Map<string, MessagePort>()
    const take = ({ data, ports }: MessageEvent<{ offloop?: unknown; role?: unknown } | null>): void => {
      const [port] = ports
      if (data?.offloop !== 'session' || !port) return
      found.set(String(data.role), port)
      if (found.size < 2) return
      window.removeEventListener('message', take)
      resolve(found)
    }
    window.addEventListener('message', take)
    window.postMessage({ offloop: 'ready' }, '*')
    setTimeout(() => reject(new Error('There is no session with main and the service.')), 10_000)
  })

  function thing(name: Extract<Recipe, { is: 'thing' }>['name']): unknown {
    switch (name) {
      case 'cycle': {
        const cycle: Record<string, unknown> = { path: '/', id: 1 }
        cycle['self'] = cycle
        return cycle
      }
      case 'date':
        return new Date(Number.NaN)
      case 'map':
        return new Map([['path', '/']])
      case 'set':
        return new Set([1])
      case 'pattern':
        return /(a+)+$/u
      case 'error':
        return Object.assign(new Error('of the page'), { code: 'internal' })
      case 'buffer':
        return new ArrayBuffer(64)
      case 'floats':
        return new Float64Array([Number.NaN])
      case 'blob':
        return new Blob(['blob'])
      case 'file':
        return new File(['file'], '../file')
      case 'image':
        return new ImageData(1, 1)
      case 'matrix':
        return new DOMMatrix()
      case 'holes':
        return new Array(1_000)
      case 'boxed':
        return Object('boxed')
      default:
        return name satisfies never
    }
  }
  function make(recipe: Recipe): unknown {
    switch (recipe.is) {
      case 'plain':
        return recipe.value
      case 'number':
        return Number(recipe.text)
      case 'bigint':
        return BigInt(recipe.text)
      case 'nothing':
        return undefined
      case 'repeated':
        return recipe.text.repeat(recipe.times)
      case 'many':
        return Array.from({ length: recipe.length }, () => null)
      case 'deep': {
        let value: unknown = null
        for (let level = 0; level < recipe.levels; level += 1) value = recipe.objects ? { value } : [value]
        return value
      }
      case 'bytes':
        return new Uint8Array(recipe.bytes)
      case 'list':
        return recipe.items.map(make)
      case 'object': {
        const made = {}
        for (const [key, value] of recipe.entries)
          Object.defineProperty(made, key, { value: make(value), enumerable: true, configurable: true })
        return made
      }
      case 'thing':
        return thing(recipe.name)
      default:
        return recipe satisfies never
    }
  }
  const count = (how: string): void => {
    answers[how] = (answers[how] ?? 0) + 1
  }
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

  async function send(message: Message, number: number): Promise<void> {
    const session = sessions.get(message.role)
    const passengers = Array.from({ length: message.ports }, () => new MessageChannel().port2)
    try {
      if (message.kind === 'anything') return session?.postMessage(make(message.value), passengers)
      const { port1, port2 } = new MessageChannel()
      const answered = new Promise<string>((resolve) => {
        port1.onmessage = ({
          data,
        }: MessageEvent<{ t?: string; failure?: { code?: string; message?: string } } | null>) => {
          if (data?.t === 'end') resolve('end')
          if (data?.t !== 'fail') return
          if (data.failure?.code === 'internal') faults.push([number, String(data.failure.message)])
          resolve(String(data.failure?.code))
        }
      })
      session?.postMessage(
        {
          t: 'open',
          method: make(message.method),
          params: make(message.params),
          credit: make(message.credit),
        },
        [port2, ...passengers],
      )
      for (const said of message.within) port1.postMessage(make(said))
      let how = await Promise.race([answered, wait(patienceMs).then(() => undefined)])
      if (how === undefined && message.keepsToProtocol) {
        port1.postMessage({ t: 'cancel', reason: 'cancelled' })
        how = await Promise.race([answered, wait(cancelMs).then(() => undefined)])
      }
      if (how === 'end') carriedOut.push(number)
      if (how !== undefined) count(how)
      else if (message.keepsToProtocol) unanswered.push(number)
      else count('passed over')
      port1.close()
    } catch {
      unsendable += 1
    }
  }
  await Promise.all(messages.map(send))
  for (const session of sessions.values()) session.close()
  return { answers, unsendable, unanswered, carriedOut, faults }
}
