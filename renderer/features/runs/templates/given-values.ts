import type { Parameter, ParameterValues } from '#contract/template/parameter.ts'

/** What was typed: a text that must be given and was left empty is none. */
export function givenValues(parameters: readonly Parameter[], typed: ParameterValues): ParameterValues {
  const named = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  const given = Object.entries(typed).filter(([name, value]) => {
    const parameter = named.get(name)
    return parameter && !(value === '' && parameter.type === 'text' && parameter.default === undefined)
  })
  return Object.fromEntries(given)
}
