import { failed } from '#kit/request-failed.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { plainTable } from '../rows/plain-table.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop databases [--json]

Lists the databases that are open in Offloop: name, mode, path.

  --json   as an array of objects`

/** `offloop databases` */
export const databases: Command = {
  about: 'list the databases that are open in Offloop',
  help,
  async run({ words, profile, launch, output, signal }) {
    const { values, positionals } = parseWords(words, { json: { type: 'boolean', default: false } })
    if (positionals.length > 0) throw new WrongUsage(`"${positionals.join(' ')}" is too much`)
    const connection = await reachOffloop(profile, launch, signal)
    try {
      for await (const { databases: entries } of connection.client.stream(
        'workspace.watch',
        {},
        { signal },
      )) {
        await output.write(
          values.json
            ? `${JSON.stringify(entries, null, 2)}\n`
            : plainTable(
                ['name', 'mode', 'path'],
                entries.map(({ name, mode, path }) => [name, mode, path]),
              ),
        )
        await output.end()
        return EXIT.done
      }
      throw failed('internal', 'Offloop did not say which databases are open. Try again.')
    } finally {
      connection.close()
    }
  },
}
