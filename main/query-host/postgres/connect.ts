import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import type { PostgresAddress } from '#contract/postgres-address.ts'
import type { ServerNotice } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { Mode } from '../open.ts'
import { requestCancel } from './cancel-request.ts'
import { connectFailure, isServerError, serverName, SQLSTATE } from './server-failure.ts'
import { tlsOptions } from './tls-options.ts'

/** Long enough for a server across the world that is just waking up. */
const CONNECT_PATIENCE_MS = 10_000
/** A silent connection is looked after from here on, so that one through a router that forgets it is found dead. */
const KEEP_ALIVE_DELAY_MS = 30_000

/** How long a server may take to close a connection that says goodbye. */
const END_PATIENCE_MS = 500
/** Each session writes dates, intervals, numbers and bytes in one way, whatever the server or role is set to. */
const SESSION_OPTIONS = [
  'datestyle=ISO',
  'intervalstyle=postgres',
  'extra_float_digits=1',
  'bytea_output=hex',
  'default_transaction_read_only=',
]

/** A server, and how to enter. */
export interface ServerTarget {
  readonly address: PostgresAddress
  readonly mode: Mode
  /** Never logged, and nowhere but here and in the driver. Connections that are made later use a later one. */
  password: string | undefined
}

/** A session on a server. */
export interface ServerConnection {
  readonly client: pg.Client
  /** It has not ended, as far as is known here. */
  readonly alive: boolean
  /** Of everything that the server has sent. */
  readonly bytesRead: number
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<void>
  /** Takes notices until it is set anew. */
  onNotice: (notice: ServerNotice) => void
  /** Asks for the cancel of what it is doing. @throws the system's error when the server cannot be reached. */
  cancel(signal: AbortSignal): Promise<void>
  /** Ends it at once; the server undoes what it was doing when it notices. */
  destroy(): void
  /** Says goodbye; a second time does nothing. */
  end(): Promise<void>
}

/** What the driver keeps to itself. */
interface ClientInside {
  readonly processID: number
  readonly secretKey: number
  readonly connection: { readonly stream: { readonly bytesRead: number; destroy(): void } }
}

/**
 * Opens a session. With `prefer`, one without TLS is tried where one with it is refused.
 * @throws RequestFailed `database` with what is wrong, with SQLSTATE 28P01 for a missing or wrong password.
 */
export async function connectToServer(target: ServerTarget, signal: AbortSignal): Promise<ServerConnection> {
  const { address } = target
  const tls = await tlsOptions(address)
  try {
    return await open(target, tls, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (address.sslmode !== 'prefer' || isBeyondTls(error)) throw connectFailure(error, address)
  }
  try {
    return await open(target, false, signal)
  } catch (error) {
    signal.throwIfAborted()
    throw connectFailure(error, address)
  }
}

/** Whether it would go wrong without TLS as well: nobody is there, or the server itself has refused the person. */
function isBeyondTls(error: unknown): boolean {
  if (isServerError(error)) return !error.code.startsWith('28000')
  return (
    !(error instanceof Error) || 'failure' in error || ('syscall' in error && error.syscall === 'connect')
  )
}

async function open(
  { address, mode, password }: ServerTarget,
  tls: ConnectionOptions | false,
  signal: AbortSignal,
): Promise<ServerConnection> {
  signal.throwIfAborted()
  const { host, port, user, database } = address
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    // As a function: without one, the driver would look into the environment and into a file.
    password() {
      if (password !== undefined) return password
      throw failed(
        'database',
        `${serverName(address)} asks for the password of "${user}", and none is saved. Save it, and try again.`,
        { engineCode: SQLSTATE.invalidPassword },
      )
    },
    ssl: tls,
    sslnegotiation: 'postgres',
    client_encoding: 'UTF8',
    application_name: 'Offloop',
    options: SESSION_OPTIONS.map((option) =>
      option.endsWith('=') ? `-c ${option}${mode === 'read-only' ? 'on' : 'off'}` : `-c ${option}`,
    ).join(' '),
    connectionTimeoutMillis: CONNECT_PATIENCE_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
  })
  const inside = client as unknown as ClientInside
  let alive = true
  let ending: Promise<void> | undefined
  const ended = Promise.withResolvers<undefined>()
  const destroy = (): void => {
    alive = false
    inside.connection.stream.destroy()
  }
  // Whoever waits for a statement is told by that; a connection at rest is only forgotten.
  client.on('error', () => (alive = false))
  client.on('end', () => {
    alive = false
    ended.resolve(undefined)
  })
  signal.addEventListener('abort', destroy, { once: true })
  try {
    await client.connect()
  } catch (error) {
    destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', destroy)
  }
  const connection: ServerConnection = {
    client,
    get alive() {
      return alive
    },
    get bytesRead() {
      return inside.connection.stream.bytesRead
    },
    ended: ended.promise,
    onNotice: () => undefined,
    cancel: (stop) =>
      requestCancel({ host, port, tls, processId: inside.processID, secretKey: inside.secretKey }, stop),
    destroy,
    end() {
      if (alive) {
        const timer = setTimeout(destroy, END_PATIENCE_MS)
        ending = client.end().finally(() => clearTimeout(timer))
        alive = false
      }
      return ending ?? Promise.resolve()
    },
  }
  client.on('notice', ({ severity, message }) =>
    connection.onNotice({ severity: severity ?? 'NOTICE', message: message ?? '' }),
  )
  return connection
}
