import type { Envelope } from '#contract/frames.ts'
import type { Port } from './port.ts'

/** One request's share of a session port, and the two calls by which the session's owner feeds it. */
export interface VirtualPort {
  readonly port: Port
  /** Takes a frame that came in an envelope with this request's number, with the ports that came with it. */
  receive(frame: Envelope['frame'], ports: readonly Port[]): void
  /** Says that the session port has closed, and with it this one. */
  lost(): void
}

/**
 * Makes a port out of numbered envelopes on a session port.
 * @param onEnd is called once, when the port has closed from either side.
 */
export function openVirtualPort(session: Port, id: number, onEnd: () => void): VirtualPort {
  let listener: ((message: unknown, ports: readonly Port[]) => void) | undefined
  const early: { frame: Envelope['frame']; ports: readonly Port[] }[] = []
  const closeListeners: (() => void)[] = []
  let closed = false

  function end(): void {
    if (closed) return
    closed = true
    onEnd()
    for (const onClose of closeListeners) onClose()
  }

  return {
    port: {
      post(frame, ports = []) {
        if (!closed) session.post({ id, frame }, ports)
      },
      onMessage(next) {
        listener = next
        for (const { frame, ports } of early.splice(0)) next(frame, ports)
      },
      onClose(onClose) {
        if (closed) onClose()
        else closeListeners.push(onClose)
      },
      close() {
        if (closed) return
        session.post({ id, frame: { t: 'close' } })
        end()
      },
    },
    receive(frame, ports) {
      if (closed) return
      if (frame.t === 'close') end()
      else if (listener) listener(frame, ports)
      else early.push({ frame, ports })
    },
    lost: end,
  }
}
