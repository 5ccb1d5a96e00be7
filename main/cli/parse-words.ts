import { parseArgs, type ParseArgsConfig } from 'node:util'
import { WrongUsage } from './wrong-usage.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Reads the words of a command with Node's own parser.
 * @throws WrongUsage for an option that there is not, or that lacks its value.
 */
export function parseWords<O extends Options>(
  words: readonly string[],
  options: O,
): ReturnType<typeof parseArgs<{ options: O; allowPositionals: true; args: string[] }>> {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    // Node adds how a word that begins with a dash could be given; the first sentence says what is wrong.
    throw new WrongUsage(error.message.split('. ')[0] ?? error.message)
  }
}
