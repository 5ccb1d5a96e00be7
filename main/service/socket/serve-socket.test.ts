import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { endpoint, greetingAnswer, PROTOCOL, type Endpoint } from '#contract/command-line.ts'
import { frameSocket } from '#kit/socket-frames.ts'
import { serveSocket, type SocketServer } from './serve-socket.ts'

let profile: string
let server: SocketServer | undefined
let served: number
const troubles: string[] = []

beforeEach(async () => {
  profile = await mkdtemp(join(tmpdir(), 'offloop-endpoint-'))
  served = 0
  troubles.length = 0
})
afterEach(async () => {
  await server?.close()
  server = undefined
  await rm(profile, { recursive: true })
})

async function listen(folder = profile): Promise<Endpoint> {
  server = await serveSocket({
    profile: folder,
    environment: {},
    serve: () => (served += 1),
    onTrouble: (message) => troubles.push(message),
  })
  return endpoint.parse(JSON.parse(await readFile(join(folder, 'command-line', 'endpoint.json'), 'utf8')))
}

/** Greets and returns the answer; undefined when the line is closed instead. */
function greet(path: string, words: unknown): Promise<unknown> {
  const socket = connect(path)
  const frames = frameSocket(socket, { maxBytes: 10_000, readOnlyWhileSent: false })
  frames.send(Buffer.from(JSON.stringify(words)))
  return new Promise((resolve) => {
    frames.onFrame((payload) => {
      resolve(greetingAnswer.parse(JSON.parse(payload.toString())))
      socket.destroy()
    })
    frames.onClose(() => resolve(undefined))
  })
}

test('whoever shows the token is served', async () => {
  const { path, token } = await listen()
  expect(await greet(path, { offloop: 'hello', protocol: PROTOCOL, token })).toEqual({ offloop: 'welcome' })
  expect(served).toBe(1)
})

test('a wrong token, a shorter one, another version and other words are refused, and nothing is served', async () => {
  const { path, token } = await listen()
  for (const words of [
    { offloop: 'hello', protocol: PROTOCOL, token: 'f'.repeat(64) },
    { offloop: 'hello', protocol: PROTOCOL, token: '' },
    { offloop: 'hello', protocol: PROTOCOL + 1, token },
    { id: 0 },
  ]) {
    expect(await greet(path, words)).toMatchObject({ offloop: 'refused' })
  }
  expect(served).toBe(0)
  expect(troubles).toHaveLength(4)
  expect(troubles.join()).not.toContain(token)
})

test('a greeting that is too long is not read', async () => {
  const { path } = await listen()
  expect(await greet(path, { offloop: 'hello', padding: 'x'.repeat(2_000) })).toBeUndefined()
})

test('a folder that is a link is refused', async () => {
  await mkdir(join(profile, 'elsewhere'))
  await symlink(join(profile, 'elsewhere'), join(profile, 'command-line'))
  await expect(listen()).rejects.toThrow(/is a link/)
})

test('something that is no socket is not removed', async () => {
  await mkdir(join(profile, 'command-line'))
  await writeFile(join(profile, 'command-line', 'offloop.sock'), 'mine')
  await expect(listen()).rejects.toThrow(/not a socket/)
  expect(await readFile(join(profile, 'command-line', 'offloop.sock'), 'utf8')).toBe('mine')
})

test('what an ended service has left is replaced, with another token', async () => {
  const first = await listen()
  const left = server
  const second = await listen()
  expect(second.path).toBe(first.path)
  expect(second.token).not.toBe(first.token)
  expect(await greet(second.path, { offloop: 'hello', protocol: PROTOCOL, token: second.token })).toEqual({
    offloop: 'welcome',
  })
  // The one before would remove the socket of this one with its own.
  await left?.close()
})

test('a folder that others may enter is closed to them', async () => {
  await mkdir(join(profile, 'command-line'), { mode: 0o755 })
  await listen()
  expect((await stat(join(profile, 'command-line'))).mode & 0o777).toBe(0o700)
})

test('after the end nothing leads here any more', async () => {
  const { path } = await listen()
  await server?.close()
  server = undefined
  await expect(stat(path)).rejects.toThrow('ENOENT')
  await expect(stat(join(profile, 'command-line', 'endpoint.json'))).rejects.toThrow('ENOENT')
})
