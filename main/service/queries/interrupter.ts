import { connect } from 'node:net'

/** The way into a query host while its only thread is inside a statement. */
export interface Interrupter {
  /** Stops the execution with a token; one that has ended meanwhile is not concerned. */
  interrupt(stopToken: string): void
  close(): void
}

/**
 * Connects to where a host hears interrupts. A host that cannot be reached, or is gone, hears none: it is ended after a
 * while, which works always.
 * @param path of a Unix socket, or the name of a pipe.
 */
export function connectInterrupter(path: string): Interrupter {
  const socket = connect(path)
  // It keeps nobody from ending, and what is told to a host that is gone is told to nobody.
  socket.unref()
  socket.on('error', () => socket.destroy())
  return {
    interrupt(stopToken) {
      if (!socket.destroyed) socket.write(Buffer.from(stopToken, 'hex'))
    },
    close: () => void socket.destroy(),
  }
}
