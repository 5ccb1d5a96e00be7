import { resolve } from 'node:path'
import { failed } from '#kit/request-failed.ts'
import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { commandOf, environmentOf, splitWords } from '../runs/command-words.ts'
import { parseId } from '../runs/parse-ids.ts'
import { parseTerms, termOptions, termsHelp } from '../runs/parse-terms.ts'
import { runJson, stateWords } from '../runs/run-words.ts'

const help = `offloop edit <run> [options] [-- <program> [arguments]]

Changes a command that waits; what is not given stays as it is. One that has started is left alone.

${termsHelp}
  --folder <path>            where to run it
  --env <NAME=value>         set a variable, or unset it with NAME alone; may be repeated
  --shell                    take the words as a line for the shell
  --json                     print the run as an object`

/** `offloop edit` */
export const edit: Command = {
  about: 'change a command that waits',
  help,
  async run(context) {
    const { output, signal } = context
    const { own, command } = splitWords(context.words)
    const { values, positionals } = parseWords(own, {
      ...termOptions,
      folder: { type: 'string' },
      env: { type: 'string', multiple: true },
      shell: { type: 'boolean' },
      json: { type: 'boolean' },
    })
    const id = parseId(positionals)
    const terms = parseTerms(values)
    return asking(context, async (client) => {
      const before = await client.call('run.get', { id }, { signal })
      if (before.kind !== 'command')
        throw failed('invalid-params', `Run ${id} is a ${before.kind}; only commands can be edited.`)
      const spec = {
        ...before.spec,
        ...(command.length > 0 && { command: commandOf(command, values.shell ?? false) }),
        ...(values.folder !== undefined && { folder: resolve(values.folder) }),
        environment: { ...before.spec.environment, ...environmentOf(values.env ?? []) },
      }
      const run = await client.call('run.edit', { id, spec, terms }, { signal })
      await output.write(
        values.json ? `${JSON.stringify(runJson(run))}\n` : `${run.id} ${stateWords(run.state)}\n`,
      )
      await output.end()
      return EXIT.done
    })
  },
}
