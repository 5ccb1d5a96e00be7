import { resolve } from 'node:path'
import {
  parameter as parameterShape,
  type Parameter,
  type ParameterValues,
} from '#contract/template/parameter.ts'
import { WrongUsage } from '../wrong-usage.ts'

/** `name`, `name:type`, `name:type(more)`, each with `=default` or without. */
const DECLARED = /^([^:=]*)(?::([a-z]+)(?:\(([^)]*)\))?)?(?:=(.*))?$/su

/**
 * Reads what a parameter is: `size:number=12`, `mode:choice(fast,best)=fast`, `deep:flag(--deep)`, `to:file`, `pin:secret`. One
 * without a type is a text; one without a default must be given.
 * @throws WrongUsage
 */
export function parseParameter(word: string, description?: string): Parameter {
  const [, name, type = 'text', more, fallback] = DECLARED.exec(word) ?? []
  const own =
    type === 'choice'
      ? { choices: (more ?? '').split(',').filter((choice) => choice !== '') }
      : type === 'flag'
        ? { on: more ?? `--${name ?? ''}` }
        : {}
  const parsed = parameterShape.safeParse({
    name,
    type,
    ...own,
    ...(description !== undefined && { description }),
    ...(type === 'flag' ? { default: fallback ?? 'false' } : fallback !== undefined && { default: fallback }),
  })
  if (parsed.success) return parsed.data
  throw new WrongUsage(
    `"${word}" is no parameter. Give it as name, name:number=12, name:choice(a,b), name:flag(--text), name:file, name:folder ` +
      'or name:secret; a name begins with a small letter and has letters, digits and _',
  )
}

/** What a person writes for a flag. */
const FLAG_WORDS: Readonly<Record<string, string>> = {
  ...{ true: 'true', yes: 'true', on: 'true', 1: 'true', '': 'true' },
  ...{ false: 'false', no: 'false', off: 'false', 0: 'false' },
}

/** Reads `name=value`, or the name of a flag alone. @throws WrongUsage */
export function parseValues(words: readonly string[], parameters: readonly Parameter[]): ParameterValues {
  const values = words.map((word): [string, string] => {
    const at = word.indexOf('=')
    const name = at < 0 ? word : word.slice(0, at)
    const parameter = parameters.find((each) => each.name === name)
    if (at < 0 && parameter?.type !== 'flag')
      throw new WrongUsage(`"${word}" is no value of a parameter. Give it as name=value`)
    return [name, valueOf(at < 0 ? '' : word.slice(at + 1), parameter?.type)]
  })
  return Object.fromEntries(values)
}

function valueOf(text: string, type: Parameter['type'] | undefined): string {
  switch (type) {
    case 'flag':
      return Object.hasOwn(FLAG_WORDS, text) ? (FLAG_WORDS[text] ?? text) : text
    case 'file':
    case 'folder':
      return text === '' ? '' : resolve(text)
    case 'text':
    case 'number':
    case 'choice':
    case 'secret':
    case undefined:
      return text
    default:
      return type satisfies never
  }
}

/** The values that variables of this shell have: words of a command every program on this machine could see. @throws WrongUsage */
export function secretValues(names: readonly string[]): ParameterValues {
  const values = names.map((name): [string, string] => {
    const value = process.env[name]
    if (value === undefined)
      throw new WrongUsage(
        `There is no variable "${name}" in this shell. Set it here, and give its name alone`,
      )
    return [name, value]
  })
  return Object.fromEntries(values)
}
