import type { Launch } from './reach/launch.ts'
import type { Output } from './output.ts'

/** What every command is given. */
export interface CommandContext {
  /** The words behind the command's name. */
  readonly words: readonly string[]
  /** Absolute path of the profile's folder. */
  readonly profile: string
  /** How Offloop is started when it does not run. */
  readonly launch: Launch
  readonly input: NodeJS.ReadStream
  readonly output: Output
  /** For the standard error of a command; a line for the person is said. */
  readonly errorOutput: Output
  /** Writes a line for the person, beside the output. */
  readonly say: (line: string) => void
  /** Whether what is said goes to a terminal, where somebody may see it. */
  readonly isSeen: boolean
  /** Aborted by the first Ctrl-C, and when nobody reads the output any more. */
  readonly signal: AbortSignal
}

/** One verb of the command line. */
export interface Command {
  /** One line, for the list of commands. */
  readonly about: string
  /** What `--help` shows. */
  readonly help: string
  /** Does the work. @returns the exit status. @throws WrongUsage, RequestFailed. */
  readonly run: (context: CommandContext) => Promise<number>
}
