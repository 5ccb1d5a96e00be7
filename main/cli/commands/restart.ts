import { asking } from '../asking.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { parseIds } from '../runs/parse-ids.ts'
import { runJson } from '../runs/run-words.ts'

const help = `offloop restart <runs> [--new] [--json]

Runs commands again that have ended, in their pools and with their limits, without waiting for the runs that they came
after: each as another attempt under its own number, which is printed.

  --new    as new runs, with new numbers
  --json   each as an object on a line`

/** `offloop restart` */
export const restart: Command = {
  about: 'run ended commands again',
  help,
  async run(context) {
    const { words, output, signal } = context
    const { values, positionals } = parseWords(words, { new: { type: 'boolean' }, json: { type: 'boolean' } })
    const ids = parseIds(positionals)
    return asking(context, async (client) => {
      for (const id of ids) {
        const as = values.new ? 'as-new' : 'in-place'
        const run = await client.call('run.restart', { id, as }, { signal })
        await output.write(values.json ? `${JSON.stringify(runJson(run))}\n` : `${run.id}\n`)
      }
      await output.end()
      return EXIT.done
    })
  },
}
