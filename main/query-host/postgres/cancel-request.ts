import { once } from 'node:events'
import { connect as connectSocket, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import { join } from 'node:path'

/** Message codes that stand in the place of a protocol version. */
const SSL_REQUEST = 80_877_103
const CANCEL_REQUEST = 80_877_102
const SSL_REQUEST_BYTES = 8
const CANCEL_REQUEST_BYTES = 16

/** Which session of which server. */
export interface CancelTarget {
  readonly host: string
  readonly port: number
  readonly tls: ConnectionOptions | false
  readonly processId: number
  readonly secretKey: number
}

/**
 * Asks a server to cancel what a session is doing, over a connection of its own and as protected as the session's. The
 * server closes that once it has passed the signal on; whether anything was cancelled, only the session itself tells.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 * @throws the system's error when the server cannot be reached, the signal's reason when it is aborted.
 */
export async function requestCancel(target: CancelTarget, signal: AbortSignal): Promise<void> {
  const { host, port, tls, processId, secretKey } = target
  const socket = host.startsWith('/')
    ? connectSocket(join(host, `.s.PGSQL.${port}`))
    : connectSocket(port, host)
  const abort = (): void => void socket.destroy()
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    await once(socket, 'connect', { signal })
    const line = tls === false ? socket : await secured(socket, host, tls, signal)
    const closed = once(line, 'close', { signal })
    const request = Buffer.alloc(CANCEL_REQUEST_BYTES)
    request.writeInt32BE(CANCEL_REQUEST_BYTES, 0)
    request.writeInt32BE(CANCEL_REQUEST, 4)
    request.writeInt32BE(processId, 8)
    request.writeInt32BE(secretKey, 12)
    line.resume()
    line.end(request)
    await closed
  } finally {
    signal.removeEventListener('abort', abort)
    socket.on('error', () => undefined) // What comes after the answer concerns nobody.
    socket.destroy()
  }
}

async function secured(
  socket: Socket,
  host: string,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const request = Buffer.alloc(SSL_REQUEST_BYTES)
  request.writeInt32BE(SSL_REQUEST_BYTES, 0)
  request.writeInt32BE(SSL_REQUEST, 4)
  socket.write(request)
  await once(socket, 'data', { signal })
  const line = connectTls({ ...tls, socket, host, ...(isIP(host) === 0 ? { servername: host } : {}) })
  await once(line, 'secureConnect', { signal })
  return line
}
