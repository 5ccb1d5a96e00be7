import { variableTrouble, type EnvironmentChange, type VariableTrouble } from '#contract/environment.ts'
import type { CommandSpec } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'

/**
 * Refuses a command that no system could start as it was meant, before it is written down.
 * @throws RequestFailed `invalid-params` with what is wrong and where.
 */
export function checkCommand({ command, folder, environment, standardInput }: CommandSpec): void {
  for (const [name, change] of Object.entries(environment)) {
    const trouble = variableTrouble(name, plainValue(change))
    if (trouble) throw failed('invalid-params', variableMessage(name, trouble))
  }
  refuseZero('The working folder', folder)
  if (standardInput?.kind === 'file') refuseZero('The path of the file that it reads', standardInput.path)
  switch (command.kind) {
    case 'shell':
      return refuseZero('The line for the shell', command.line)
    case 'program':
      refuseZero('The name of the program', command.program)
      return command.args.forEach((argument, at) => refuseZero(`Argument ${at + 1}`, argument))
    default:
      return command satisfies never
  }
}

/** Null when there is none, or nobody may see it. */
function plainValue(change: EnvironmentChange): string | null {
  if (change === null || typeof change === 'string') return change
  return 'secret' in change ? change.secret : null
}

function refuseZero(what: string, text: string): void {
  if (text.includes('\0'))
    throw failed(
      'invalid-params',
      `${what} contains a zero byte (NUL), which ends a text for every system. Take it out, or give it in a file.`,
    )
}

function variableMessage(name: string, trouble: VariableTrouble): string {
  switch (trouble) {
    case 'no-name':
      return 'A variable of the environment has no name. Give it one.'
    case 'equals-sign':
      return `"${name}" cannot be the name of a variable: the first = is where its value begins. Leave it out of the name.`
    case 'zero-byte':
      return `The variable "${name.replaceAll('\0', '\\0')}" contains a zero byte (NUL), which no environment can hold. Take it out.`
    case 'space':
      return `"${name}" cannot be the name of a variable, because no shell could read it: a name has no spaces or line ends.`
    case 'own':
      return `"${name}" is Offloop's own: by it the processes of a command are found. Choose another name.`
    default:
      return trouble satisfies never
  }
}
