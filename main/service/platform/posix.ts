import type {
  Environment,
  Invocation,
  WrapperInput,
  WrapperPrograms,
  WrapperStart,
  WrapperTerminal,
} from './platform.ts'

/** The shell that POSIX puts everywhere, for a person whose own is not set. */
const FALLBACK_SHELL = '/bin/sh'

/** Gives a line to the person's own shell, as a terminal would. */
export function posixShell(line: string, environment: Environment): Invocation {
  return { program: environment['SHELL'] || FALLBACK_SHELL, args: ['-c', line] }
}

/**
 * Perl is part of macOS and of every usual Linux, and alone there tells an exit status from a signal exactly. A program of
 * Offloop's own does the same for plain commands in a third of the time.
 */
export function posixWrapper(
  { script, native }: WrapperPrograms,
  attempt: string,
  folder: string,
  input: WrapperInput,
  terminal: WrapperTerminal,
  command: Invocation,
): WrapperStart {
  const isPlain = terminal === null
  return {
    launcher:
      native !== undefined && isPlain ? { program: native, args: [] } : { program: 'perl', args: [script] },
    words: [attempt, folder, inputWord(input), terminalWord(terminal), command.program, ...command.args],
  }
}

function terminalWord(terminal: WrapperTerminal): string {
  if (terminal === null) return 'none'
  return terminal === 'apart' ? terminal : `${terminal.columns}x${terminal.rows}`
}

function inputWord(input: WrapperInput): string {
  switch (input.kind) {
    case 'nothing':
    case 'pipe':
      return input.kind
    case 'file':
      return `file:${input.path}`
    default:
      return input satisfies never
  }
}

/** In Perl for the same reasons, and because a process of Node would take ten times the memory. */
export function posixPump(script: string, folder: string): Invocation {
  return { program: 'perl', args: [script, folder] }
}
