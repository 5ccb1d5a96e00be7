import type { CommandSpec } from '#contract/run.ts'

/** A command as its form has it. */
export interface CommandDraft {
  kind: CommandSpec['command']['kind']
  line: string
  program: string
  /** One on each line. */
  args: string
  folder: string
  environment: CommandSpec['environment']
  input: 'nothing' | 'text' | 'file' | 'open'
  inputText: string
  inputFile: string
  inTerminal: boolean
  errorsApart: boolean
}

/** What a terminal has before its page is drawn and says how much room there is. */
const USUAL_TERMINAL = { columns: 80, rows: 24 }

export function emptyDraft(): CommandDraft {
  return {
    ...{ kind: 'shell', line: '', program: '', args: '', folder: '', environment: {} },
    ...{ input: 'nothing', inputText: '', inputFile: '', inTerminal: false, errorsApart: false },
  }
}

/**
 * The draft of a command that there is; undefined when the form cannot hold it, because one of its arguments is empty or has
 * several lines.
 */
export function draftOfCommand({ command, folder, environment, standardInput, terminal }: CommandSpec) {
  const args = command.kind === 'program' ? command.args : []
  if (args.some((each) => each === '' || each.includes('\n'))) return undefined
  const draft: CommandDraft = {
    ...emptyDraft(),
    ...(command.kind === 'shell'
      ? { kind: 'shell', line: command.line }
      : { kind: 'program', program: command.program, args: args.join('\n') }),
    ...{ folder, environment, inTerminal: terminal !== undefined },
    input: standardInput?.kind ?? 'nothing',
    inputText: standardInput?.kind === 'text' ? standardInput.text : '',
    inputFile: standardInput?.kind === 'file' ? standardInput.path : '',
  }
  return draft
}

/** What a draft lacks; undefined when a command can be made of it. */
export function missingIn(
  draft: CommandDraft,
): 'runs.missingLine' | 'runs.missingFolder' | 'runs.missingInput' | undefined {
  if ((draft.kind === 'shell' ? draft.line : draft.program).trim() === '') return 'runs.missingLine'
  if (draft.folder.trim() === '') return 'runs.missingFolder'
  return draft.input === 'file' && draft.inputFile.trim() === '' ? 'runs.missingInput' : undefined
}

/** The command that a draft describes. */
export function specOf(draft: CommandDraft): CommandSpec {
  const standardInput = standardInputOf(draft)
  return {
    kind: 'command',
    command:
      draft.kind === 'shell'
        ? { kind: 'shell', line: draft.line.trim() }
        : {
            kind: 'program',
            program: draft.program.trim(),
            args: draft.args.split('\n').filter((each) => each !== ''),
          },
    folder: draft.folder.trim(),
    environment: { ...draft.environment },
    ...(standardInput && { standardInput }),
    ...(draft.inTerminal && { terminal: USUAL_TERMINAL }),
    ...(draft.errorsApart && !draft.inTerminal && { separateErrors: true }),
  }
}

function standardInputOf(draft: CommandDraft): CommandSpec['standardInput'] {
  switch (draft.input) {
    case 'nothing':
      return undefined
    case 'text':
      return { kind: 'text', text: draft.inputText }
    case 'file':
      return { kind: 'file', path: draft.inputFile.trim() }
    case 'open':
      // In a terminal one types.
      return draft.inTerminal ? undefined : { kind: 'open' }
    default:
      return draft.input satisfies never
  }
}
