import { resolve } from 'node:path'
import type { CommandSpec } from '#contract/run.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { commandOf, environmentOf } from './command-words.ts'

/** The options that say what a command is run with. */
export const commandOptions = {
  folder: { type: 'string' },
  env: { type: 'string', multiple: true },
  'secret-env': { type: 'string', multiple: true },
  shell: { type: 'boolean' },
  'stdin-text': { type: 'string' },
  'stdin-file': { type: 'string' },
  pty: { type: 'boolean' },
  'separate-stderr': { type: 'boolean' },
} as const

export const commandHelp = `  --folder <path>            where to run it; here unless it is given
  --env <NAME=value>         set a variable, or unset it with NAME alone; may be repeated
  --secret-env <NAME>        hide the value that NAME has in this shell, whatever its name looks like; may be repeated
  --shell                    take the words as a line for the shell
  --stdin-text <text>        what it reads on its standard input; nothing unless it is given
  --stdin-file <path>        the file that it reads
  --pty                      run it in a terminal, with colours; "offloop send" types into it, and with --wait this
                             terminal does, whose Ctrl-C is the command's then
  --separate-stderr          tell its standard error apart from its standard output`

/** What `parseWords` makes of them. */
interface CommandValues {
  readonly folder?: string | undefined
  readonly env?: string[] | undefined
  readonly 'secret-env'?: string[] | undefined
  readonly shell?: boolean | undefined
  readonly 'stdin-text'?: string | undefined
  readonly 'stdin-file'?: string | undefined
  readonly stdin?: boolean | undefined
  readonly pty?: boolean | undefined
  readonly 'separate-stderr'?: boolean | undefined
}

/** Of a terminal whose asker has none: what programs take for granted. */
const USUAL_TERMINAL = { columns: 80, rows: 24 }

/** The command that the options and the words behind them describe. @throws WrongUsage */
export function specOf(values: CommandValues, words: readonly string[]): CommandSpec {
  const standardInput = standardInputOf(values)
  const separateErrors = values['separate-stderr']
  if (separateErrors && values.pty)
    throw new WrongUsage('A terminal has one output for both: give --pty or --separate-stderr')
  return {
    kind: 'command',
    command: commandOf(words, values.shell ?? false),
    folder: pathOf(values.folder ?? '.'),
    environment: environmentIn(values),
    ...(standardInput && { standardInput }),
    ...(values.pty && { terminal: terminalHere() }),
    ...(separateErrors && { separateErrors }),
  }
}

/** As `before`, but for what the options and words say. @throws WrongUsage */
export function changedSpec(
  before: CommandSpec,
  values: CommandValues,
  words: readonly string[],
): CommandSpec {
  const standardInput = standardInputOf(values)
  return {
    ...before,
    ...(words.length > 0 && { command: commandOf(words, values.shell ?? false), template: undefined }),
    ...(values.folder !== undefined && { folder: pathOf(values.folder) }),
    ...(standardInput && { standardInput }),
    ...(values.pty && { terminal: terminalHere() }),
    ...(values['separate-stderr'] && { separateErrors: true }),
    environment: { ...before.environment, ...environmentIn(values) },
  }
}

/** From here, unless it begins with what only a parameter says. */
function pathOf(word: string): string {
  return /^\{[a-z]\w*\}/.test(word) ? word : resolve(word)
}

function environmentIn(values: CommandValues): CommandSpec['environment'] {
  const secrets = (values['secret-env'] ?? []).map((name): [string, { secret: string }] => {
    const secret = process.env[name]
    // Not as a word of a command, which every program on this machine could see.
    if (secret === undefined)
      throw new WrongUsage(
        `There is no variable "${name}" in this shell. Set it here, and give its name alone`,
      )
    return [name, { secret }]
  })
  return { ...environmentOf(values.env ?? []), ...Object.fromEntries(secrets) }
}

function standardInputOf(values: CommandValues): CommandSpec['standardInput'] {
  const { 'stdin-text': text, 'stdin-file': path, stdin = false } = values
  if ([text !== undefined, path !== undefined, stdin].filter(Boolean).length > 1)
    throw new WrongUsage('A command reads one thing: give one of --stdin-text, --stdin-file and --stdin')
  if (text !== undefined) return { kind: 'text', text }
  if (path !== undefined) return { kind: 'file', path: pathOf(path) }
  return stdin ? { kind: 'open' } : undefined
}

/** As large as the terminal of whoever asks. */
function terminalHere(): NonNullable<CommandSpec['terminal']> {
  const { columns, rows, isTTY } = process.stdout
  // One that nobody shows has no size.
  return isTTY && columns > 0 && rows > 0 ? { columns, rows } : USUAL_TERMINAL
}
