import { failed } from '#kit/request-failed.ts'
import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { changedSpec, commandHelp, commandOptions } from '../runs/command-options.ts'
import { splitWords } from '../runs/command-words.ts'
import { parseId } from '../runs/parse-ids.ts'
import { parseTerms, termOptions, termsHelp } from '../runs/parse-terms.ts'
import { runJson, stateWords } from '../runs/run-words.ts'

const help = `offloop edit <run> [options] [-- <program> [arguments]]

Changes a run that waits; what is not given stays as it is. One that has started is left alone. Of a query, export or
import that waits in a pool, these can be changed: pool, priority, what it comes after, locks, and its start.

${termsHelp}
${commandHelp}
  --json                     print the run as an object`

/** `offloop edit` */
export const edit: Command = {
  about: 'change a run that waits',
  help,
  async run(context) {
    const { output, signal } = context
    const { own, command } = splitWords(context.words)
    const { values, positionals } = parseWords(own, {
      ...termOptions,
      ...commandOptions,
      json: { type: 'boolean' },
    })
    const id = parseId(positionals)
    const terms = parseTerms(values)
    return asking(context, async (client) => {
      const before = await client.call('run.get', { id }, { signal })
      const isCommand = before.kind === 'command'
      const asksForCommand = command.length > 0 || Object.keys(commandOptions).some((name) => name in values)
      if (!isCommand && asksForCommand)
        throw failed('invalid-params', `Run ${id} is a ${before.kind}: only how it waits can be changed.`)
      const spec = isCommand ? changedSpec(before.spec, values, command) : undefined
      const run = await client.call('run.edit', { id, spec, terms }, { signal })
      await output.write(
        values.json ? `${JSON.stringify(runJson(run))}\n` : `${run.id} ${stateWords(run.state)}\n`,
      )
      await output.end()
      return EXIT.done
    })
  },
}
