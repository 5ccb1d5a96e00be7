import type { Port } from './port.ts'

/** The part of Electron's MessagePortMain that is used here; kit knows Electron by shape only. */
export interface ElectronMessagePort {
  postMessage(message: unknown, transfer?: never[]): void
  on(event: 'message', listener: (event: { data: unknown; ports: ElectronMessagePort[] }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** Wraps a MessagePortMain, as main and utility processes have them. */
export function electronPort(port: ElectronMessagePort): Port {
  const closeListeners: (() => void)[] = []
  let closed = false
  port.on('close', () => {
    closed = true
    for (const onClose of closeListeners.splice(0)) onClose()
  })
  return {
    transferable: port,
    post(message, ports = []) {
      if (!closed) port.postMessage(message, transferList(ports))
    },
    onMessage(listener) {
      port.on('message', ({ data, ports }) => listener(data, ports.map(electronPort)))
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

/** The raw ports to put into Electron's own `postMessage`, whose typing of the list differs from process to process. */
export function transferList(ports: readonly Port[]): never[] {
  return ports.map(({ transferable }) => transferable) as never[]
}
