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
  return {
    post: (message) => frames.send(serialize(message)),
    onMessage(listener) {
      frames.onFrame((payload) => {
        let message: unknown
        try {
          message = deserialize(payload)
        } catch {
          // Not from an Offloop of this protocol: the connection is of no use, and its close says so to both sides.
          return frames.close()
        }
        listener(message, [])
      })
    },
    onClose: frames.onClose,
    close: frames.close,
  }
}
