import type { TreeMeter } from './usage.ts'

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it was started, in whatever form its system tells it; compared as text only. */
  readonly startTime: string
  /** Of the run of the system under which it was started. */
  readonly bootId: string
}

/** A program and its arguments, as the system gets them. */
export interface Invocation {
  readonly program: string
  readonly args: readonly string[]
}

/** What can start wrappers. */
export interface WrapperPrograms {
  /** Absolute path of the wrapper's source, for every command. */
  readonly script: string
  /** Absolute path of a faster program, for commands without a terminal whose errors are not told apart; if there is one. */
  readonly native: string | undefined
}

/** How a wrapper is started: by which process, and what that is asked for. */
export interface WrapperStart {
  /** The same for many wrappers. */
  readonly launcher: Invocation
  readonly words: readonly string[]
}

/** The environment of a process: what is undefined is not set. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a command's wrapper gives it as standard input. */
export type WrapperInput =
  | { readonly kind: 'nothing' }
  /** By its absolute path. */
  | { readonly kind: 'file'; readonly path: string }
  /** A pipe in the attempt's folder, which the wrapper keeps open until it gets CLOSE_INPUT. */
  | { readonly kind: 'pipe' }

/**
 * In a terminal of that size; null for none. A command that gets nothing to read reads from its terminal. Without one,
 * standard error may be told apart.
 */
export type WrapperTerminal = { readonly columns: number; readonly rows: number } | 'apart' | null

/** Tells a wrapper to close the pipe that its command reads. */
export const CLOSE_INPUT = 'SIGUSR1'

/** Signals that commands are sent: halt, go on if halted, please end, end. */
export type StopSignal = 'SIGSTOP' | 'SIGCONT' | 'SIGTERM' | 'SIGKILL'

/** Whatever differs from system to system in running and stopping commands. */
export interface Platform {
  /** How a line is given to the person's shell. */
  shell(line: string, environment: Environment): Invocation
  /**
   * How the wrapper is started, for a command in a folder.
   * @param attempt absolute path of the attempt's folder
   * @returns null where commands cannot be run yet
   */
  wrapper(
    programs: WrapperPrograms,
    attempt: string,
    folder: string,
    input: WrapperInput,
    terminal: WrapperTerminal,
    command: Invocation,
  ): WrapperStart | null
  /**
   * How the process is started that holds the buffer of a pipe.
   * @param script absolute path of its source
   * @param folder absolute path of the pipe's folder
   * @returns null where there are no pipes yet
   */
  pump(script: string, folder: string): Invocation | null
  /** Under which name a variable of this name is looked up. */
  variable(environment: Environment, name: string): string | undefined
  /** The file names under which a program may lie in a folder of PATH. */
  programNames(program: string, environment: Environment): readonly string[]
  /** Whether exactly this process lives and is no zombie. */
  isAlive(identity: ProcessIdentity): Promise<boolean>
  /** Whether the system has run without a restart since that process was started. */
  isSameBoot(identity: ProcessIdentity): Promise<boolean>
  /** The living processes whose process group this is, or that have `name=value` in the environment they began with;
   * never this process or one that it descends from. */
  members(group: number, marker: { readonly name: string; readonly value: string }): Promise<Member[]>
  /** Whether a process, or one below it, waits for somebody to type or send something; undefined where that is not known. */
  awaitsInput(pid: number): Promise<boolean | undefined>
  /** What measures a process and all below it; null where that is not known yet. */
  treeMeter(pid: number): TreeMeter | null
  /**
   * Gives the room of a part of a file back, which then reads as zeros, while others write to the file. Resolves with
   * false where that cannot be.
   * @param from first byte, and `length` in bytes, both in whole blocks of the file system (64 KiB is such)
   */
  freeRange(path: string, from: number, length: number): Promise<boolean>
  /** Sends a signal to a process, or to a whole group when the number is negative; false when there is none. */
  signal(pid: number, signal: StopSignal | typeof CLOSE_INPUT): boolean
}

export interface Member {
  readonly pid: number
  readonly group: number
  /** Whether it has the marker; without it, only its group says that it belongs. */
  readonly marked: boolean
}
