import type { MessagePort, Transferable } from 'node:worker_threads'
import type { Port } from './port.ts'

/** Wraps a MessagePort of Node's worker_threads. */
export function nodePort(port: MessagePort): Port {
  const closeListeners: (() => void)[] = []
  let closed = false
  port.on('close', () => {
    closed = true
    for (const onClose of closeListeners) onClose()
  })
  return {
    transferable: port,
    post(message, ports = []) {
      port.postMessage(
        { message, ports: ports.map(({ transferable }) => transferable) },
        ports.map(transferableOf),
      )
    },
    onMessage(listener) {
      port.on('message', (received: { message: unknown; ports: MessagePort[] }) =>
        listener(received.message, received.ports.map(nodePort)),
      )
    },
    onClose(onClose) {
      if (closed) onClose()
      else closeListeners.push(onClose)
    },
    close: () => port.close(),
  }
}

function transferableOf(port: Port): Transferable {
  return port.transferable as Transferable
}
