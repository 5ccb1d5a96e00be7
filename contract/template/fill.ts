import type { EnvironmentChange } from '../environment.ts'
import type { CommandSpec } from '../run.ts'
import {
  defaultOf,
  valueTrouble,
  type Parameter,
  type ParameterValues,
  type ValueTrouble,
} from './parameter.ts'
import { placeholdersIn, replacePlaceholders, textsOf } from './placeholders.ts'

/** A command with parameters. */
export interface Fillable {
  readonly command: CommandSpec
  readonly parameters: readonly Parameter[]
}

/** A parameter with the value that was given for it, and why that does not do. */
export interface BadValue {
  readonly parameter: string
  readonly trouble: ValueTrouble
}

export type Filled =
  | { readonly ok: true; readonly command: CommandSpec }
  | { readonly ok: false; readonly bad: readonly BadValue[] }

/**
 * Puts values into a command. A value stays within the one argument that names it, whatever it contains: nothing is split or
 * quoted. An argument that is nothing but a flag that is off is left out.
 *
 * A line for the shell stays as it is written. Values reach it as variables of its environment, which the shell puts into
 * `"$name"` without reading them as commands. A secret is a variable always.
 * @param name of the template, which the run then remembers with the values.
 */
export function fill({ command: spec, parameters }: Fillable, given: ParameterValues, name?: string): Filled {
  const values = new Map<string, string>()
  const bad = Object.keys(given)
    .filter((each) => !parameters.some((parameter) => parameter.name === each))
    .map((parameter): BadValue => ({ parameter, trouble: 'unknown' }))
  for (const parameter of parameters) {
    const own = Object.hasOwn(given, parameter.name) ? given[parameter.name] : undefined
    const value = own ?? defaultOf(parameter)
    const trouble = valueTrouble(parameter, value)
    if (trouble) bad.push({ parameter: parameter.name, trouble })
    else if (value !== undefined) values.set(parameter.name, value)
  }
  if (bad.length > 0) return { ok: false, bad }

  const texts = new Map([...values].map(([each, value]) => [each, textOf(each, value, parameters)]))
  const secrets = new Set(parameters.filter(({ type }) => type === 'secret').map((each) => each.name))
  const hidden = ([each, value]: readonly [string, string]) =>
    [each, secrets.has(each) ? { secret: value } : value] as const
  const asVariables = [...texts].filter(([each]) => spec.command.kind === 'shell' || secrets.has(each))
  return {
    ok: true,
    command: {
      ...withTexts(spec, texts, parameters),
      environment: {
        ...environmentWith(spec.environment, texts, secrets),
        ...Object.fromEntries(asVariables.map(hidden)),
      },
      ...(name !== undefined && { template: { name, values: Object.fromEntries([...values].map(hidden)) } }),
    },
  }
}

function textOf(name: string, value: string, parameters: readonly Parameter[]): string {
  const flag = parameters.find((each) => each.name === name)
  if (flag?.type !== 'flag') return value
  return value === 'true' ? flag.on : ''
}

function withTexts(
  spec: CommandSpec,
  texts: ReadonlyMap<string, string>,
  parameters: readonly Parameter[],
): CommandSpec {
  const { command, folder, standardInput } = spec
  const replaced = (text: string): string => replacePlaceholders(text, texts)
  const isOff = (argument: string): boolean =>
    parameters.some(({ type, name }) => type === 'flag' && argument === `{${name}}` && texts.get(name) === '')
  return {
    ...spec,
    folder: replaced(folder),
    ...(command.kind === 'program' && {
      command: {
        kind: 'program',
        program: replaced(command.program),
        args: command.args.filter((argument) => !isOff(argument)).map(replaced),
      },
    }),
    ...(standardInput?.kind === 'text' && {
      standardInput: { kind: 'text', text: replaced(standardInput.text) },
    }),
    ...(standardInput?.kind === 'file' && {
      standardInput: { kind: 'file', path: replaced(standardInput.path) },
    }),
  }
}

function environmentWith(
  changes: CommandSpec['environment'],
  texts: ReadonlyMap<string, string>,
  secrets: ReadonlySet<string>,
): CommandSpec['environment'] {
  const filled = Object.entries(changes).map(([name, change]): [string, EnvironmentChange] => {
    if (change === null || (typeof change === 'object' && 'sealed' in change)) return [name, change]
    const before = typeof change === 'string' ? change : change.secret
    const value = replacePlaceholders(before, texts)
    const isSecret = typeof change === 'object' || placeholdersIn(before).some((each) => secrets.has(each))
    return [name, isSecret ? { secret: value } : value]
  })
  return Object.fromEntries(filled)
}

/** What zsh, fish or bash itself sets: a variable of that name would not be the parameter. */
const SHELLS_OWN = new Set(
  (
    'argv status pipestatus path cdpath fpath manpath mailpath fignore prompt psvar signals watch histchars options ' +
    'commands functions aliases builtins parameters modules history historywords dirstack jobstates jobtexts jobdirs ' +
    'keymaps widgets version hostname'
  ).split(' '),
)

/** Why a template could not be used as it is written. */
export interface TemplateTrouble {
  readonly kind:
    /** Two parameters have this name. */
    | 'twice'
    /** The default is no value that the parameter could have. */
    | 'bad-default'
    /** A secret stands where it would be stored and shown in plain. */
    | 'secret-in-plain'
    /** It stands in braces in a line for the shell, where only `"$name"` is a value. */
    | 'braces-in-line'
    /** The shell has a variable of that name itself. */
    | 'shells-own'
  readonly parameter: string
}

/** Says what is wrong with a command and its parameters; nothing when it can be used. */
export function templateTroubles({ command: spec, parameters }: Fillable): TemplateTrouble[] {
  const line = spec.command.kind === 'shell' ? spec.command.line : undefined
  const plain = new Set(textsOf({ ...spec, environment: {} }).flatMap(placeholdersIn))
  const seen = new Set<string>()
  return parameters.flatMap((parameter): TemplateTrouble[] => {
    const { name } = parameter
    const isTwice = seen.has(name)
    seen.add(name)
    const fallback = defaultOf(parameter)
    return [
      ...(isTwice ? [{ kind: 'twice' as const, parameter: name }] : []),
      ...(fallback !== undefined && valueTrouble(parameter, fallback) !== undefined
        ? [{ kind: 'bad-default' as const, parameter: name }]
        : []),
      ...(parameter.type === 'secret' && plain.has(name)
        ? [{ kind: 'secret-in-plain' as const, parameter: name }]
        : []),
      ...(hasBraces(line ?? '', name) ? [{ kind: 'braces-in-line' as const, parameter: name }] : []),
      ...(line !== undefined && SHELLS_OWN.has(name)
        ? [{ kind: 'shells-own' as const, parameter: name }]
        : []),
    ]
  })
}

/** Whether a name stands in braces that are not those of `${name}`. */
function hasBraces(line: string, name: string): boolean {
  return new RegExp(`(?:^|[^$])\\{${name}\\}`, 'u').test(line)
}
