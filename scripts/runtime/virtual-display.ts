import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, type Writable } from 'node:stream'
import { SetupFailure } from './setup-failure.ts'

/** A display that windows can be drawn on. */
export type Display = {
  /** What a program needs in its environment to find it. */
  env: { DISPLAY?: string; XAUTHORITY?: string }
  /** Whether nobody can see it. */
  isVirtual: boolean
  /** Ends the display server, if one was started, and waits for that. */
  close: () => Promise<void>
}

/** Room for the window of the screenshots (1440 × 900) with the edges of the screen out of sight. */
const SCREEN = '1600x1000x24'

/**
 * Without -noreset the server starts over when its last window closes, and a program that connects at that moment is
 * turned away: seen between two tests.
 */
const SERVER_ARGUMENTS = ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp', '-noreset']

/** X11's cookies are 128 bits. Source: Xsecurity(7), MIT-MAGIC-COOKIE-1. */
const COOKIE_BYTES = 16

/**
 * The server writes its number to descriptor 3. It ends with its standard input, which closes when this process ends in
 * any way, so that a killed test run leaves neither a server behind nor the folder, `$0`, that holds its cookie.
 */
const SERVER = `
  Xvfb "$@" -auth "$0/Xauthority" &
  server=$!
  exec 3>&-
  cat >/dev/null
  kill $server 2>/dev/null
  wait
  rm -r "$0"
`

/**
 * Gives the display of this session, or starts an Xvfb when there is none. Does what `xvfb-run -a` does, with three
 * differences that count here: the server itself picks a free number, so two that start together do not meet; a signal
 * reaches the program instead of a shell; and xauth need not be installed.
 *
 * @throws SetupFailure `not-runnable` with the server's own words when it does not start
 */
export async function openDisplay(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<Display> {
  if (platform !== 'linux' || environment['DISPLAY']) {
    return { env: {}, isVirtual: false, close: () => Promise.resolve() }
  }
  const folder = await mkdtemp(join(tmpdir(), 'offloop-display-'))
  const authority = join(folder, 'Xauthority')
  await writeFile(authority, cookieForEveryDisplay(randomBytes(COOKIE_BYTES)), { mode: 0o600 })

  const server = spawn('sh', ['-c', SERVER, folder, ...SERVER_ARGUMENTS], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const closed = once(server, 'close')
  const close = async (): Promise<void> => {
    server.stdin?.end()
    await closed
  }
  const words: Buffer[] = []
  server.stderr?.on('data', (chunk: Buffer) => words.push(chunk))
  const number = await readNumber(server.stdio[3])
  if (number === null) {
    await close()
    throw new SetupFailure(
      'not-runnable',
      `The display server Xvfb did not start:\n${Buffer.concat(words).toString().trim()}\nStart a desktop session, or mend that, and run the same command again.`,
    )
  }
  return { env: { DISPLAY: `:${number}`, XAUTHORITY: authority }, isVirtual: true, close }
}

/** @returns the display's number once the server takes connections, or null when it ended instead */
async function readNumber(channel: Readable | Writable | null | undefined): Promise<number | null> {
  if (!(channel instanceof Readable)) return null
  let written = ''
  for await (const chunk of channel) {
    written += String(chunk)
    if (written.endsWith('\n')) return Number(written)
  }
  return null
}

/**
 * One entry of an Xauthority file: family, address, number, name and data, each of the last four with a length before it,
 * big-endian. The wild family with an empty number stands for every display.
 * Source: Xau(3), struct Xauth; libXau's AuWrite.c.
 */
function cookieForEveryDisplay(cookie: Buffer): Buffer {
  const FAMILY_WILD = 0xffff
  const counted = (bytes: Buffer): Buffer[] => [uint16(bytes.length), bytes]
  const name = Buffer.from('MIT-MAGIC-COOKIE-1')
  const empty = Buffer.alloc(0)
  return Buffer.concat([uint16(FAMILY_WILD), ...[empty, empty, name, cookie].flatMap(counted)])
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}
