import type { Stats } from 'node:fs'
import { lstat, readFile } from 'node:fs/promises'
import { connect as connectTo, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  endpoint,
  ENDPOINT_FILE,
  ENDPOINT_FOLDER,
  greetingAnswer,
  MAX_ANSWER_BYTES,
  PROTOCOL,
  type Endpoint,
} from '#contract/command-line.ts'
import { serviceContract, type ServiceContract } from '#contract/service.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { failed } from '#kit/request-failed.ts'
import { frameSocket } from '#kit/socket-frames.ts'
import { socketPort } from '#kit/socket-port.ts'

/** A service answers a greeting at once; one that is stopped does not. */
const GREETING_DEADLINE_MS = 10_000
/** Bits of a mode that let others in. */
const OTHERS = 0o077

/** A line to the service of a running Offloop. */
export interface Connection {
  readonly client: Client<ServiceContract>
  close(): void
}

/** Why a service has sent a greeting away. */
interface Refusal {
  readonly refused: string
}

/**
 * Connects to the service of a profile.
 * @returns undefined when none listens.
 * @throws RequestFailed `internal` when what is in its place is not this user's alone, or it sends us away.
 */
export async function connectSocket(profile: string): Promise<Connection | undefined> {
  const folder = join(profile, ENDPOINT_FOLDER)
  for (let found = await readEndpoint(folder); found;) {
    const socket = await open(found.path)
    const answer = socket && (await greet(socket, found.token))
    if (!answer || 'client' in answer) return answer
    // A service that has just taken the place of another listens where that did, with a token of its own.
    const now = await readEndpoint(folder)
    if (now?.token === found.token) throw failed('internal', answer.refused)
    found = now
  }
  return undefined
}

async function readEndpoint(folder: string): Promise<Endpoint | undefined> {
  const file = join(folder, ENDPOINT_FILE)
  try {
    // The folder by itself: where somebody else's is in its place, no service comes to be there, however long one waits.
    const about = await lstat(folder)
    if (!isOwn(about) || !about.isDirectory()) throw notTrusted(folder, folder)
    const fileAbout = await lstat(file)
    if (!isOwn(fileAbout) || !fileAbout.isFile()) throw notTrusted(file, folder)
    return endpoint.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Whether something is this user's alone. */
function isOwn({ uid, mode }: Stats): boolean {
  const own = process.getuid?.()
  return own === undefined || (uid === own && (mode & OTHERS) === 0)
}

function notTrusted(what: string, folder: string) {
  return failed(
    'internal',
    `${what} is a link, belongs to somebody else or can be read by others, so it is not trusted. Remove ${folder} and start Offloop again.`,
  )
}

function open(path: string): Promise<Socket | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(path)
    socket.once('connect', () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
    socket.once('error', (error) => {
      // Left behind by a service that has ended, or just about to come.
      if (isCode(error, 'ECONNREFUSED') || isCode(error, 'ENOENT')) resolve(undefined)
      else reject(error)
    })
  })
}

/** @returns undefined when the service ends before it has answered. */
function greet(socket: Socket, token: string): Promise<Connection | Refusal | undefined> {
  const frames = frameSocket(socket, { maxBytes: MAX_ANSWER_BYTES, readOnlyWhileSent: false })
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      socket.destroy()
      reject(
        failed(
          'host-lost',
          'Offloop is running but does not answer. Wait a moment, or end it in its window.',
        ),
      )
    }, GREETING_DEADLINE_MS)
    frames.onClose(() => {
      clearTimeout(patience)
      resolve(undefined)
    })
    frames.onFrame((payload) => {
      clearTimeout(patience)
      const answer = greetingAnswer.parse(JSON.parse(payload.toString()))
      if (answer.offloop === 'refused') return resolve({ refused: answer.message })
      const port = socketPort(frames)
      const client = connect(serviceContract, port, dialWithEnvelopes(port))
      resolve({ client, close: () => socket.destroy() })
    })
    frames.send(Buffer.from(JSON.stringify({ offloop: 'hello', protocol: PROTOCOL, token })))
  })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
