import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Connection } from '../database-failure.ts'
import { openDoor, type Door } from './door.ts'
import { builtLibrary } from './library-fixture.ts'
import { loadAccelerator, type Accelerator } from './load.ts'

const NUMBERS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)'
/** Never returns to JavaScript by itself. */
const ENDLESS = `${NUMBERS} SELECT max(i) FROM n`
const TOKEN = '0123456789abcdef'
const OTHER = 'fedcba9876543210'
const MANY = 10_000

interface Setup {
  readonly door: Door
  readonly connection: Connection
  readonly accelerator: Accelerator
}

async function setUp(): Promise<Setup> {
  const door = await openDoor(builtLibrary ?? '')
  onTestFinished(() => door.remove())
  const connection = new Database(':memory:')
  onTestFinished(() => void connection.close())
  return { door, connection, accelerator: loadAccelerator(connection, builtLibrary ?? '') }
}

async function socketTo({ path }: Door): Promise<Socket> {
  const socket = connect(path ?? '')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** Another thread that sends a token when it is told, however busy this one is. */
async function senderTo({ path }: Door): Promise<Worker> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const socket = require('node:net').connect(workerData, () => parentPort.postMessage('connected'))
    parentPort.on('message', (token) => socket.write(Buffer.from(token, 'hex')))`
  const worker = new Worker(code, { eval: true, workerData: path })
  onTestFinished(async () => {
    await worker.terminate()
  })
  await once(worker, 'message')
  return worker
}

const isInterrupted = (run: () => unknown): void =>
  expect(run).toThrow(expect.objectContaining({ code: 'SQLITE_INTERRUPT' }) as Error)

describe.skipIf(builtLibrary === undefined)('an interrupt', () => {
  it('stops a statement that never returns to JavaScript, and the connection goes on', async () => {
    const { door, connection, accelerator } = await setUp()
    const sender = await senderTo(door)
    expect(accelerator.watch(TOKEN, true)).toBe(false)
    sender.postMessage(TOKEN)
    isInterrupted(() => connection.prepare(ENDLESS).get())
    accelerator.unwatch()
    expect(connection.prepare('SELECT 1').pluck().get()).toBe(1)
  })

  it('stops rows that the extension packs, after those at hand, and leaves no lock', async () => {
    const { door, connection, accelerator } = await setUp()
    connection.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)')
    const sender = await senderTo(door)
    accelerator.watch(TOKEN, false)
    const packed = accelerator.open(`SELECT a FROM t UNION ALL SELECT * FROM (${ENDLESS})`, 1)
    sender.postMessage(TOKEN)
    const rows: number[] = []
    isInterrupted(() => {
      for (;;) {
        const answer = packed.next(MANY, MANY, MANY)
        if (answer instanceof Uint8Array) rows.push(new DataView(answer.buffer).getUint32(4, true))
      }
    })
    accelerator.unwatch()
    packed.close()
    expect([[], [2]]).toContainEqual(rows)
    connection.exec('DROP TABLE t')
  })

  it('stops it at the next step when it comes between two of them', async () => {
    const { door, accelerator } = await setUp()
    const socket = await socketTo(door)
    accelerator.watch(TOKEN, false)
    const packed = accelerator.open(`${NUMBERS} SELECT i FROM n`, 1)
    expect(packed.next(10, MANY, MANY)).toBeInstanceOf(Uint8Array)
    socket.write(Buffer.from(TOKEN, 'hex'))
    // The other thread takes it in while this one goes on.
    isInterrupted(() => {
      for (;;) packed.next(10, MANY, MANY)
    })
    accelerator.unwatch()
    packed.close()
  })

  it('hits nothing but the execution that it names, however early or late it comes', async () => {
    const { door, connection, accelerator } = await setUp()
    const sender = await senderTo(door)
    sender.postMessage(OTHER)
    sender.postMessage(TOKEN)
    // It comes before a watch or within one, and is told by either; what was sent before it has come too.
    for (let came = false; !came;) {
      const early = accelerator.watch(TOKEN, true)
      came = accelerator.unwatch() || early
    }
    expect(accelerator.watch('00000000000000ff', true)).toBe(false)
    expect(
      connection.prepare(`${NUMBERS} SELECT max(i) FROM (SELECT i FROM n LIMIT 100000)`).pluck().get(),
    ).toBe(100_000)
    accelerator.unwatch()
  })

  it('has not come for any token before it was sent', async () => {
    const { accelerator } = await setUp()
    expect(accelerator.watch('0000000000000000', true)).toBe(false)
    accelerator.unwatch()
  })

  it('has a door that only its owner may pass, and that is gone once somebody has', async () => {
    const { door } = await setUp()
    const path = door.path ?? ''
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700)
    const first = await socketTo(door)
    // Refused, or let in and shown out again when it was quicker than the thread.
    const second = connect(path).resume()
    second.on('error', () => second.destroy())
    await new Promise((resolve) => second.once('close', resolve))
    await expect(stat(path)).rejects.toThrow('ENOENT')
    first.destroy()
  })

  it('is not offered where the library cannot be loaded', async () => {
    const door = await openDoor('/no/such/library')
    expect([door.library, door.path]).toEqual([undefined, undefined])
  })
})
