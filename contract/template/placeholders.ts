import type { CommandSpec } from '../run.ts'

/** `{{name}}`, which stands for the text `{name}`, or `{name}`. */
const PLACEHOLDER = /\{\{([a-z][A-Za-z0-9_]*)\}\}|\{([a-z][A-Za-z0-9_]*)\}/g

/** Puts values into a text. Braces around anything but one of these names stay as they are. */
export function replacePlaceholders(text: string, values: ReadonlyMap<string, string>): string {
  // In one pass: what a value contains is never looked at again.
  return text.replace(PLACEHOLDER, (whole: string, literal?: string, name?: string) => {
    if (literal !== undefined) return values.has(literal) ? `{${literal}}` : whole
    return values.get(name ?? '') ?? whole
  })
}

/** The names between braces in a text, literal ones left out. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, , name]) => (name === undefined ? [] : [name]))
}

/** Every text of a command in which placeholders are replaced: all but a line for the shell. */
export function textsOf({ command, folder, environment, standardInput }: CommandSpec): string[] {
  const changes = Object.values(environment).flatMap((change) => {
    if (change === null) return []
    return typeof change === 'string' ? [change] : 'secret' in change ? [change.secret] : []
  })
  return [
    ...(command.kind === 'program' ? [command.program, ...command.args] : []),
    folder,
    ...(standardInput?.kind === 'text' ? [standardInput.text] : []),
    ...(standardInput?.kind === 'file' ? [standardInput.path] : []),
    ...changes,
  ]
}
/** The variables that a line for the shell names. */
export function variablesIn(line: string): string[] {
  return [...line.matchAll(/\$\{?([A-Za-z_]\w*)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]))
}

/** The names that a command would have values for, if they were parameters. */
export function namesIn(spec: CommandSpec): Set<string> {
  const line = spec.command.kind === 'shell' ? variablesIn(spec.command.line) : []
  return new Set([...textsOf(spec).flatMap(placeholdersIn), ...line])
}
