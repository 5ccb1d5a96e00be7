import { randomBytes, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  ENDPOINT_FILE,
  ENDPOINT_FOLDER,
  greeting,
  MAX_GREETING_BYTES,
  MAX_REQUEST_BYTES,
  PROTOCOL,
  type Endpoint,
  type greetingAnswer,
} from '#contract/command-line.ts'
import type { Port } from '#kit/port.ts'
import { frameSocket } from '#kit/socket-frames.ts'
import { socketPort } from '#kit/socket-port.ts'
import type { z } from 'zod'
import { makeOwnFolder } from './own-folder.ts'
import { placeSocket } from './place-socket.ts'

const TOKEN_BYTES = 32
/** For its owner to read and write, nobody else. */
const OWNER_ONLY = 0o600
/** Whoever has not shown the token after this time is sent away; a command line greets at once. */
const GREETING_DEADLINE_MS = 5_000

export interface SocketOptions {
  /** Absolute path of the profile. */
  readonly profile: string
  readonly environment: NodeJS.ProcessEnv
  /** Answers a command line that has shown the token. */
  readonly serve: (port: Port) => void
  /** Told of askers that were sent away; for the log. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** The service's ear for the command line. */
export interface SocketServer {
  /** Sends everybody away and removes what would lead here. */
  close(): Promise<void>
}

/**
 * Listens for command lines of this user.
 * @throws RequestFailed `internal` when the place of the socket is a link or another user's; Node's errors.
 */
export async function serveSocket(options: SocketOptions): Promise<SocketServer> {
  const { profile, environment, serve, onTrouble } = options
  const folder = join(profile, ENDPOINT_FOLDER)
  await makeOwnFolder(folder)
  const path = await placeSocket(folder, environment)
  const token = randomBytes(TOKEN_BYTES).toString('hex')
  const sockets = new Set<Socket>()

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    greet(socket)
  })

  function greet(socket: Socket): void {
    const frames = frameSocket(socket, { maxBytes: MAX_GREETING_BYTES, readOnlyWhileSent: true })
    const answer = (value: z.infer<typeof greetingAnswer>): void =>
      frames.send(Buffer.from(JSON.stringify(value)))
    const patience = setTimeout(() => socket.destroy(), GREETING_DEADLINE_MS)
    socket.once('close', () => clearTimeout(patience))
    frames.onFrame((payload) => {
      clearTimeout(patience)
      const refusal = refusalOf(payload, token)
      if (refusal !== undefined) {
        onTrouble(`A command line was sent away: ${refusal}`)
        answer({ offloop: 'refused', message: refusal })
        return frames.close()
      }
      answer({ offloop: 'welcome' })
      frames.allow(MAX_REQUEST_BYTES)
      serve(socketPort(frames))
    })
  }

  const endpoint: Endpoint = { path, token }
  const file = join(folder, ENDPOINT_FILE)
  const draft = `${file}.new`
  await rm(draft, { force: true })
  // Exclusive, so that a link which somebody has put there is not followed.
  await writeFile(draft, JSON.stringify(endpoint), { mode: OWNER_ONLY, flag: 'wx' })
  await rename(draft, file)
  // Only now: whoever is refused for the token of the service before finds the new one in the file.
  server.listen(path)
  await once(server, 'listening')
  if (process.platform !== 'win32') await chmod(path, OWNER_ONLY)

  return {
    async close() {
      await rm(file, { force: true })
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** @returns why a greeting is not accepted; undefined when it is. */
function refusalOf(payload: Buffer, token: string): string | undefined {
  const parsed = greeting.safeParse(parseJson(payload))
  if (!parsed.success) return 'This is not a greeting of the offloop command line.'
  const shown = Buffer.from(parsed.data.token)
  const right = Buffer.from(token)
  if (shown.length !== right.length || !timingSafeEqual(shown, right)) {
    return 'The token is not the one of this Offloop. Run the command again.'
  }
  if (parsed.data.protocol !== PROTOCOL) {
    return 'The Offloop that is running is of another version. Run "offloop quit", then the command again.'
  }
  return undefined
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString())
  } catch {
    // Not JSON is no greeting, as `undefined` is none.
    return undefined
  }
}
