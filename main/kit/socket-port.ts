import { deserialize, serialize } from 'node:v8'
import type { Port } from './port.ts'
import type { FrameSocket } from './socket-frames.ts'

/**
 * Makes a port of a socket between two processes of Offloop that trust each other: messages are structured clones in
 * the form of `v8.serialize`, which both Node and Electron write and read. No ports travel on it.
 *
 * How much is on its way is bounded by the credit of each stream, as on every other port.
 */
export function socketPort(frames: FrameSocket): Port {
  const early: unknown[] = []
  let listener: ((message: unknown, ports: readonly Port[]) => void) | undefined
  // At once, and not when somebody listens: what follows a greeting is not for whoever has read that.
  frames.onFrame((payload) => {
    let message: unknown
    try {
      message = deserialize(payload)
    } catch {
      // Not from an Offloop of this protocol: the connection is of no use, and its close says so to both sides.
      return frames.close()
    }
    if (listener) listener(message, [])
    else early.push(message)
  })
  return {
    post: (message) => frames.send(serialize(message)),
    onMessage(next) {
      listener = next
      for (const message of early.splice(0)) next(message, [])
    },
    onClose: frames.onClose,
    close: frames.close,
  }
}
