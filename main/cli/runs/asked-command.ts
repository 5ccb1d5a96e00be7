import type { CommandSpec } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { AskedTerms } from '#contract/terms.ts'
import type { Client } from '#kit/client.ts'
import { filledTemplate, readTemplate, termsWith, type TemplateWords } from '../templates/use-template.ts'
import { WrongUsage } from '../wrong-usage.ts'
import { changedSpec, specOf } from './command-options.ts'
import { parseTerms, type TermValues } from './parse-terms.ts'

/** A command and its terms. */
interface Asked {
  readonly spec: CommandSpec
  readonly terms: AskedTerms
}

/**
 * What the options and words ask to be run: the command behind them, or a template with its values, which only the service
 * knows.
 * @throws WrongUsage at once.
 */
export function askedCommand(
  values: Parameters<typeof specOf>[0] & TermValues & TemplateWords,
  words: readonly string[],
): (client: Client<ServiceContract>, signal: AbortSignal) => Promise<Asked> {
  const { template: name } = values
  const terms = parseTerms(values)
  if (name === undefined) {
    if (values.param ?? values['secret-param'])
      throw new WrongUsage('Values are for the parameters of a template. Give --template, too')
    const spec = specOf(values, words)
    return () => Promise.resolve({ spec, terms })
  }
  if (words.length > 0)
    throw new WrongUsage('A template says what is run. Leave out the words behind --, or --template')
  return async (client, signal) => {
    const { template, values: given } = await readTemplate(client, name, values, signal)
    const spec = changedSpec(filledTemplate(template, given), values, [])
    return { spec, terms: termsWith(template, terms) }
  }
}
