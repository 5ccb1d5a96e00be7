import type { ServiceContract } from '#contract/service.ts'
import { fill } from '#contract/template/fill.ts'
import type { ParameterValues } from '#contract/template/parameter.ts'
import type { Template } from '#contract/template/template.ts'
import type { CommandSpec } from '#contract/run.ts'
import type { AskedTerms } from '#contract/terms.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import { badValueWords } from '#kit/template-words.ts'
import { parseValues, secretValues } from './parse-parameter.ts'

/** The options that name a template and its values. */
export const templateOptions = {
  template: { type: 'string' },
  param: { type: 'string', multiple: true },
  'secret-param': { type: 'string', multiple: true },
} as const

export const templateHelp = `  --template <name>          use a template in place of the words behind --
  --param <name=value>       a value for one of its parameters; a flag may stand alone; may be repeated
  --secret-param <name>      take the value from the variable of that name in this shell; may be repeated`

/** What `parseWords` makes of them. */
export interface TemplateWords {
  readonly template?: string | undefined
  readonly param?: string[] | undefined
  readonly 'secret-param'?: string[] | undefined
}

/** A template as it is kept, with the values that were given for it. */
export async function readTemplate(
  client: Client<ServiceContract>,
  name: string,
  words: TemplateWords,
  signal: AbortSignal,
): Promise<{ readonly template: Template; readonly values: ParameterValues }> {
  const template = await client.call('template.get', { name }, { signal })
  const values = {
    ...parseValues(words.param ?? [], template.parameters),
    ...secretValues(words['secret-param'] ?? []),
  }
  return { template, values }
}

/** The command that a template becomes. @throws RequestFailed `invalid-params` with every value that does not do. */
export function filledTemplate(template: Template, values: ParameterValues): CommandSpec {
  const filled = fill(template, values, template.name)
  if (filled.ok) return filled.command
  throw failed('invalid-params', filled.bad.map(badValueWords).join(' '))
}

/** What was asked for, and for the rest what the template says. */
export function termsWith(template: Template, asked: AskedTerms): AskedTerms {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  return { ...template.terms, ...given }
}
