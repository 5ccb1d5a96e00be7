import { envelope, type OpenFrame } from '#contract/frames.ts'
import type { Port } from './port.ts'
import { openVirtualPort, type VirtualPort } from './virtual-port.ts'

/** Opens a request's line to the answerer: sends the opening and returns the port on which the answer comes. */
export type Dial = (open: OpenFrame, passengers: readonly Port[]) => Port

/**
 * Dials with a port of its own for each request, which goes straight to the process that answers.
 * @param makeChannel makes two entangled ports, such as a MessageChannel's.
 */
export function dialWithPortPerRequest(session: Port, makeChannel: () => readonly [Port, Port]): Dial {
  return (open, passengers) => {
    const [near, far] = makeChannel()
    session.post(open, [far, ...passengers])
    return near
  }
}

/** Dials with numbered envelopes on the session port itself, for processes that cannot make ports. */
export function dialWithEnvelopes(session: Port): Dial {
  const requests = new Map<number, VirtualPort>()
  let nextId = 0
  session.onMessage((message, ports) => {
    const parsed = envelope.safeParse(message)
    if (parsed.success) requests.get(parsed.data.id)?.receive(parsed.data.frame, ports)
  })
  session.onClose(() => {
    for (const request of [...requests.values()]) request.lost()
  })
  return (open, passengers) => {
    const id = nextId++
    const request = openVirtualPort(session, id, () => requests.delete(id))
    requests.set(id, request)
    request.port.post(open, passengers)
    return request.port
  }
}
