import { parameter as parameterShape, type Parameter } from '#contract/template/parameter.ts'

/** A parameter as the editor of a template has it. */
export interface ParameterDraft {
  readonly name: string
  readonly type: Parameter['type']
  readonly description: string
  /** It has no default. */
  readonly required: boolean
  readonly fallback: string
  /** Of a choice: one on each line. */
  readonly choices: string
  /** Of a flag: what stands for it when it is on. */
  readonly on: string
}

export const FIRST_PARAMETER: ParameterDraft = {
  ...{ name: '', type: 'text', description: '', required: true, fallback: '', choices: '', on: '' },
}

/** The parameter that a draft describes; undefined when there can be no such one. */
export function parameterOf(draft: ParameterDraft): Parameter | undefined {
  const { name, type, description, required, fallback, choices, on } = draft
  const isFlag = type === 'flag'
  const parsed = parameterShape.safeParse({
    name: name.trim(),
    type,
    ...(description.trim() !== '' && { description: description.trim() }),
    ...(type === 'choice' && { choices: choices.split('\n').filter((each) => each !== '') }),
    ...(isFlag && { on: on.trim() === '' ? `--${name.trim()}` : on.trim() }),
    ...(isFlag ? { default: fallback === 'true' ? 'true' : 'false' } : !required && { default: fallback }),
  })
  return parsed.success ? parsed.data : undefined
}

/** The draft of a parameter that there is. */
export function parameterDraft(parameter: Parameter): ParameterDraft {
  const fallback = parameter.type === 'secret' ? undefined : parameter.default
  return {
    ...FIRST_PARAMETER,
    name: parameter.name,
    type: parameter.type,
    description: parameter.description ?? '',
    required: fallback === undefined,
    fallback: fallback ?? '',
    ...(parameter.type === 'choice' && { choices: parameter.choices.join('\n') }),
    ...(parameter.type === 'flag' && { on: parameter.on }),
  }
}
