import type { Port } from '#kit/port.ts'

/** Wraps a MessagePort of the page. */
export function domPort(port: MessagePort): Port {
  const closeListeners: (() => void)[] = []
  let closed = false
  port.addEventListener('close', () => {
    if (closed) return
    closed = true
    for (const onClose of closeListeners.splice(0)) onClose()
  })
  return {
    transferable: port,
    post(message, ports = []) {
      // Bytes are copied, never transferred: between processes a transferred ArrayBuffer arrives as null.
      if (!closed) port.postMessage(message, ports.map(rawPort))
    },
    onMessage(listener) {
      port.addEventListener('message', (event: MessageEvent<unknown>) =>
        listener(event.data, event.ports.map(domPort)),
      )
      port.start()
    },
    onClose(onClose) {
      if (closed) onClose()
      else closeListeners.push(onClose)
    },
    close() {
      closed = true
      port.close()
    },
  }
}

/** Makes two entangled ports: one to keep, one to send along. */
export function makeDomChannel(): readonly [Port, Port] {
  const { port1, port2 } = new MessageChannel()
  return [domPort(port1), domPort(port2)]
}

function rawPort(port: Port): MessagePort {
  if (port.transferable instanceof MessagePort) return port.transferable
  throw new TypeError('Only ports of the page can travel with its requests.')
}
