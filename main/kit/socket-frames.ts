import type { Socket } from 'node:net'

/** Before each frame stands its length in bytes: 32 bits, little-endian. */
const LENGTH_BYTES = 4

/** A socket that carries whole frames. */
export interface FrameSocket {
  /** Sends a frame; on a closed socket it does nothing. */
  send(payload: Uint8Array): void
  /** Sets the one listener, in place of the one before; frames that came without a listener wait for it. */
  onFrame(listener: (payload: Buffer) => void): void
  /** Adds a listener that is called once, when the socket has closed. */
  onClose(listener: () => void): void
  /** Changes the limit for what comes. */
  allow(maxBytes: number): void
  close(): void
}

export interface FrameSocketOptions {
  /** A longer frame closes the socket before it is read. */
  readonly maxBytes: number
  /**
   * Stops reading while the other side does not take what is sent, so that somebody who asks and never reads fills no
   * memory. For one side only: two that wait for each other would wait for ever.
   */
  readonly readOnlyWhileSent: boolean
}

/** Cuts what a socket carries into frames. */
export function frameSocket(
  socket: Socket,
  { maxBytes, readOnlyWhileSent }: FrameSocketOptions,
): FrameSocket {
  const early: Buffer[] = []
  const closeListeners: (() => void)[] = []
  let listener: ((payload: Buffer) => void) | undefined
  let limit = maxBytes
  let parts: Buffer[] = []
  let have = 0
  /** Bytes of the frame that is coming, its length included; LENGTH_BYTES until that is known. */
  let need = LENGTH_BYTES
  let corked = false
  let closed = false

  function receive(payload: Buffer): void {
    if (listener) listener(payload)
    else early.push(payload)
  }

  function take(data: Buffer): void {
    parts.push(data)
    have += data.length
    while (have >= need && !closed) {
      const joined = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts, have)
      if (need === LENGTH_BYTES) {
        const length = joined.readUInt32LE(0)
        if (length === 0 || length > limit) return void socket.destroy()
        need += length
        parts = [joined]
        continue
      }
      const payload = joined.subarray(LENGTH_BYTES, need)
      const rest = joined.subarray(need)
      parts = rest.length > 0 ? [rest] : []
      have = rest.length
      need = LENGTH_BYTES
      receive(payload)
    }
  }

  socket.setNoDelay(true)
  socket.on('data', take)
  // An error is followed by 'close', which is all that anybody here can act on.
  socket.on('error', () => socket.destroy())
  socket.once('close', () => {
    closed = true
    for (const onClose of closeListeners.splice(0)) onClose()
  })
  if (readOnlyWhileSent) socket.on('drain', () => socket.resume())

  return {
    send(payload) {
      if (closed || socket.writableEnded) return
      // What is sent in one turn of the loop goes out together: a statement's answer is a handful of small frames.
      if (!corked) {
        corked = true
        socket.cork()
        setImmediate(() => {
          corked = false
          socket.uncork()
        })
      }
      const length = Buffer.allocUnsafe(LENGTH_BYTES)
      length.writeUInt32LE(payload.length)
      socket.write(length)
      if (!socket.write(payload) && readOnlyWhileSent) socket.pause()
    },
    onFrame(next) {
      listener = next
      for (const payload of early.splice(0)) next(payload)
    },
    onClose(onClose) {
      if (closed) onClose()
      else closeListeners.push(onClose)
    },
    allow(bytes) {
      limit = bytes
    },
    close() {
      socket.end()
      // What is left to send goes out; what still comes is of no use to anybody.
      socket.resume()
      listener = () => undefined
    },
  }
}
