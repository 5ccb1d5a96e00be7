import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'

const root = join(import.meta.dirname, '..', '..')
const program = join(root, 'bin', 'offloop')

/** How one command ended. */
export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The command line as a script has it, on a profile of its own and without a display. */
export interface CommandLine {
  readonly folder: string
  readonly profile: string
  /** A path in the folder. */
  readonly at: (name: string) => string
  /** Makes a database in the folder. @returns its path. */
  readonly make: (name: string, sql: string) => string
  /** Runs a command to its end. @param input goes to its standard input, which is then closed. */
  readonly run: (words: readonly string[], input?: string) => Promise<Ended>
  /** Starts a command. */
  readonly start: (words: readonly string[], environment?: Record<string, string | undefined>) => ChildProcess
  /** Starts a command in a terminal. @param words as a shell reads them. */
  readonly terminal: (words: string) => ChildProcess
  /** Pids of all processes of this profile's Offloop. */
  readonly processes: () => Promise<number[]>
  /** Ends Offloop, checks that no process is left, and removes the folder. */
  readonly close: () => Promise<void>
}

export async function openCommandLine(name = 'profile'): Promise<CommandLine> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-cli-'))
  const profile = join(folder, name)

  function start(
    words: readonly string[],
    environment: Record<string, string | undefined> = {},
  ): ChildProcess {
    return spawn(program, words, {
      env: { ...process.env, DISPLAY: undefined, ...environment, OFFLOOP_PROFILE: profile },
      cwd: folder,
    })
  }
  async function run(words: readonly string[], input = ''): Promise<Ended> {
    const child = start(words)
    // One that needs no input may have ended before it is given.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
    return ended(child)
  }
  function terminal(words: string): ChildProcess {
    return spawn('script', ['-qefc', `'${program}' ${words}`, '/dev/null'], {
      env: { ...process.env, DISPLAY: undefined, OFFLOOP_PROFILE: profile },
      cwd: folder,
    })
  }
  async function processes(): Promise<number[]> {
    const found: number[] = []
    for (const name of await readdir('/proc')) {
      if (!/^\d+$/.test(name)) continue
      const environment = await readFile(`/proc/${name}/environ`, 'latin1').catch(() => '')
      if (environment.split('\0').includes(`OFFLOOP_PROFILE=${profile}`)) found.push(Number(name))
    }
    return found
  }

  return {
    folder,
    profile,
    at: (name) => join(folder, name),
    make(name, sql) {
      const database = new Database(join(folder, name))
      database.exec(sql)
      database.close()
      return join(folder, name)
    },
    run,
    start,
    terminal,
    processes,
    async close() {
      await run(['quit'])
      const deadline = performance.now() + END_DEADLINE_MS
      let left = await processes()
      while (left.length > 0 && performance.now() < deadline) left = await processes()
      for (const pid of left) process.kill(pid, 'SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      if (left.length > 0) throw new Error(`After "offloop quit" ${left.length} processes were left.`)
    },
  }
}

/** Chromium's own helpers notice within a moment that their browser has gone. */
const END_DEADLINE_MS = 5_000

/** Collects what a command writes, until it has ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    child.stderr ? text(child.stderr) : '',
  ])
  await closed
  return { status: child.exitCode, stdout, stderr }
}
