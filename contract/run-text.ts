import type { CommandSpec, QuerySpec } from './run.ts'
import type { TransferSpec } from './transfer.ts'

/** Characters of a run's text that a list keeps; a statement may have megabytes. */
const KEPT_CHARACTERS = 300

/** What a run runs, as one line for lists and titles. */
export function runText(spec: QuerySpec | CommandSpec | TransferSpec): string {
  switch (spec.kind) {
    case 'query':
      return oneLine(spec.sql)
    case 'command':
      return oneLine(commandText(spec))
    case 'transfer':
      return oneLine(transferText(spec))
    default:
      return spec satisfies never
  }
}

/** From where to where rows go. */
function transferText({ transfer }: TransferSpec): string {
  switch (transfer.kind) {
    case 'export': {
      const { source, file } = transfer
      return `${source.kind === 'result' ? `#${source.run}` : source.sql} → ${file}`
    }
    case 'import':
      return `${transfer.file} → ${transfer.table}`
    case 'feed':
      return transfer.sql
    case 'load':
      return `→ ${transfer.table}`
    default:
      return transfer satisfies never
  }
}

/** A command as one would write it, in full. */
export function commandText({ command }: CommandSpec): string {
  switch (command.kind) {
    case 'shell':
      return command.line
    case 'program':
      return [command.program, ...command.args].map(quoted).join(' ')
    default:
      return command satisfies never
  }
}

/** As `commandText`, with the variables before a line for the shell, which is the same whatever they are. Secrets are left out. */
export function commandWithVariables(spec: CommandSpec): string {
  if (spec.command.kind === 'program') return commandText(spec)
  const variables = Object.entries(spec.environment).flatMap(([name, change]) =>
    typeof change === 'string' ? [`${name}=${quoted(change)}`] : [],
  )
  return [...variables, spec.command.line].join(' ')
}

function oneLine(text: string): string {
  return text
    .slice(0, 2 * KEPT_CHARACTERS)
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, KEPT_CHARACTERS)
}

/** Only for reading: spaces and quotes in an argument are made visible. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/u.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`
}
