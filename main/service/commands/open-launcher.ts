import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { getSystemErrorName } from 'node:util'
import type { Environment, Invocation, ProcessIdentity, WrapperStart } from '../platform/platform.ts'
import { systemCode } from '../platform/system-code.ts'
import { IDENTITY_FIELDS, parseIdentity, readIfThere, type Attempt } from './attempt.ts'
import { launchRequest } from './launch-request.ts'
import { parseOutcome, parseRefusal, type Outcome, type Refusal } from './outcome.ts'

/** How a start went. */
export type Launched =
  | {
      readonly kind: 'started'
      readonly wrapper: ProcessIdentity
      readonly command: ProcessIdentity
      /** Settles once the wrapper has ended, or nobody is there any more who would tell of it. */
      readonly ended: Promise<LaunchEnd>
    }
  | Refusal
  /** The wrapper itself did not work; `message` says why. */
  | { readonly kind: 'broken'; readonly message: string }
  /** The launcher has ended meanwhile: only the records of the attempt say whether anything has begun. */
  | { readonly kind: 'untold' }

/** What was heard of a wrapper's end: how its command ended, that it is gone, or nothing any more. */
export type LaunchEnd =
  | { readonly kind: 'told'; readonly outcome: Outcome; readonly endedAt: number }
  | { readonly kind: 'gone' }
  | { readonly kind: 'untold' }

/**
 * What starts the wrappers of commands: a small process of its own, or two of different programs, since a spawn blocks the loop for 3 to 4 ms in a
 * process of Electron's size, and a new interpreter for each wrapper takes longer than most short commands.
 */
export interface Launcher {
  /**
   * Starts a command's wrapper and waits for its first word.
   * @param environment the command's, whole.
   */
  launch(wrapper: WrapperStart, attempt: Attempt, environment: Environment): Promise<Launched>
  /** Lets the processes end; the wrappers go on. */
  close(): void
}

/** A start of which there was no last word yet. */
interface Launch {
  readonly attempt: Attempt
  /** Whether its wrapper has said how the start went. */
  hasSpoken: boolean
  readonly begun: (launched: Launched) => void
  readonly ended: (end: LaunchEnd) => void
  readonly whenEnded: Promise<LaunchEnd>
}

/** The process, and the starts that it was told of. */
interface Running {
  readonly child: ChildProcess
  readonly launches: Map<number, Launch>
}

/**
 * Opens a launcher. The process of a program is started with the first command that wants it, and again when it was ended
 * from outside.
 */
export function openLauncher(): Launcher {
  /** By their programs. */
  const running = new Map<string, Running>()
  const starting = new Map<string, Promise<Running>>()
  let lastId = 0

  /** @throws Error from the system */
  async function started({ program, args }: Invocation): Promise<Running> {
    const child = spawn(program, [...args], {
      detached: true,
      // Not the app's folder: that must not be kept from being unmounted.
      cwd: '/',
      // No more than finds programs: a variable of somebody's Perl must not change what the wrappers do.
      env: { PATH: process.env['PATH'] },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const launches = new Map<number, Launch>()
    const mine: Running = { child, launches }
    function end(): void {
      if (running.get(program) === mine) running.delete(program)
      for (const { begun, ended } of launches.values()) {
        begun({ kind: 'untold' })
        ended({ kind: 'untold' })
      }
      launches.clear()
    }
    child.once('exit', end)
    // What could not be said any more is told with its end.
    child.stdin.on('error', () => undefined)
    createInterface({ input: child.stdout }).on('line', (line) => hear(launches, line))
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    running.set(program, mine)
    return mine
  }

  async function present(launcher: Invocation): Promise<Running> {
    const { program } = launcher
    const there = running.get(program)
    if (there) return there
    const begun = starting.get(program) ?? started(launcher).finally(() => starting.delete(program))
    starting.set(program, begun)
    return begun
  }

  return {
    async launch({ launcher, words }, attempt, environment) {
      const id = ++lastId
      const request = launchRequest(id, words, environment)
      if (!request)
        return {
          kind: 'broken',
          message:
            'The command, its arguments or its environment contain a zero byte, which no system takes. Remove it.',
        }
      try {
        const { child, launches } = await present(launcher)
        const { promise, resolve: begun } = Promise.withResolvers<Launched>()
        const { promise: whenEnded, resolve: ended } = Promise.withResolvers<LaunchEnd>()
        launches.set(id, { attempt, hasSpoken: false, begun, ended, whenEnded })
        child.stdin?.write(request)
        return await promise
      } catch (error) {
        return { kind: 'broken', message: spawnMessage(launcher.program, systemCode(error) || String(error)) }
      }
    },
    close() {
      for (const { child } of running.values()) child.stdin?.end()
    },
  }
}

/** Understands a line of the launcher: an ID, and what is said of it. */
function hear(launches: Map<number, Launch>, line: string): void {
  const [id = '', kind = '', value = '', code = ''] = line.split(' ')
  const launch = launches.get(Number(id))
  if (!launch) return
  const { attempt, begun, ended, whenEnded } = launch
  switch (kind) {
    case 'started': {
      const records = line.slice(id.length + 1 + kind.length + 1).split('\t')
      const [command, wrapper] = [parseIdentity(records), parseIdentity(records.slice(IDENTITY_FIELDS))]
      if (!command || !wrapper) return
      launch.hasSpoken = true
      return begun({ kind, wrapper, command, ended: whenEnded })
    }
    case 'refused': {
      const refusal = parseRefusal(value, code)
      if (!refusal) return
      launch.hasSpoken = true
      return begun(refusal)
    }
    case 'broken':
      launches.delete(Number(id))
      return begun({ kind, message: spawnMessage('perl', getSystemErrorName(-Number(value))) })
    case 'ended':
    case 'gone': {
      launches.delete(Number(id))
      const outcome = kind === 'ended' ? parseOutcome(line.slice(id.length + 1 + kind.length)) : undefined
      ended(outcome ? { kind: 'told', outcome, endedAt: Date.now() } : { kind: 'gone' })
      if (launch.hasSpoken) return
      brokenMessage(attempt).then(
        // One that was ended from outside has no complaint, and may have started its command before.
        (message) => begun(message === undefined ? { kind: 'untold' } : { kind: 'broken', message }),
        () => begun({ kind: 'untold' }),
      )
      return
    }
    default:
  }
}

/** What a wrapper had to complain about, in words for the person; undefined when that is nothing. */
async function brokenMessage({ trouble }: Attempt): Promise<string | undefined> {
  const complaint = (await readIfThere(trouble))?.trim()
  return complaint ? `The process that watches over a command could not work: ${complaint}.` : undefined
}

function spawnMessage(program: string, code: string): string {
  return code === 'ENOENT'
    ? `Commands need the program "${program}", which was not found. Install it (it is part of most systems) and start the command again.`
    : `The system did not start another process (${code}). Try again later.`
}
