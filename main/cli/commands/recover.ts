import { failed } from '#kit/request-failed.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { plainTable } from '../rows/plain-table.ts'
import { WrongUsage } from '../wrong-usage.ts'

const BYTES_PER_MB = 1024 * 1024

const help = `offloop recover [--from <n> | --empty] [--json]

Offloop keeps backups of its own database: the history, the queue, settings and saved things. Without an option this says
whether that database is in order, and lists the backups, the newest first. Your own databases have no part in it.

  --from <n>   put the n-th of the list in the place of a damaged database
  --empty      begin with an empty one in its place
  --json       as an object

The damaged file is kept under another name. Nothing starts by itself afterwards: what waited when the backup was made is
held until "offloop resume", and schedules are off. Commands that were started after the backup are found again by their
output. Exit status 1 says that the database is damaged, or that it could not be replaced.`

/** `offloop recover` */
export const recover: Command = {
  about: "put a backup of Offloop's own database back",
  help,
  async run({ words, profile, launch, output, say, signal }) {
    const { values, positionals } = parseWords(words, {
      from: { type: 'string' },
      empty: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    })
    if (positionals.length > 0) throw new WrongUsage(`"${positionals.join(' ')}" is too much`)
    if (values.empty && values.from !== undefined) throw new WrongUsage('give --from or --empty, not both')
    if (values.from !== undefined && !/^[1-9]\d{0,5}$/.test(values.from))
      throw new WrongUsage(`"${values.from}" is no place in the list. Give one such as --from 1`)

    const connection = await reachOffloop(profile, launch, signal)
    const { client } = connection
    try {
      const found = await client.call('recovery.describe', {}, { signal })
      if (values.from !== undefined || values.empty) {
        const chosen = values.from === undefined ? undefined : found.backups[Number(values.from) - 1]
        if (values.from !== undefined && !chosen)
          throw failed(
            'not-found',
            `There is no backup ${values.from}: the list has ${found.backups.length}. See: offloop recover`,
          )
        const replaced = await client.call('recovery.replace', { backup: chosen?.name ?? null }, { signal })
        if (values.json) await output.write(`${JSON.stringify(replaced)}\n`)
        else await output.write(`${replacedWords(chosen?.at, replaced).join('\n')}\n`)
        await output.end()
        return EXIT.done
      }
      if (values.json) await output.write(`${JSON.stringify(found)}\n`)
      else {
        const rows = found.backups.map(({ at, bytes, runs }, index) => [
          String(index + 1),
          new Date(at).toISOString(),
          `${(bytes / BYTES_PER_MB).toFixed(1)} MB`,
          runs === null ? 'cannot be read' : String(runs),
        ])
        await output.write(plainTable(['backup', 'made', 'size', 'runs'], rows))
        if (!found.failure) await output.write("\nOffloop's own database is in order.\n")
      }
      await output.end()
      if (found.failure) say(found.failure.message)
      return found.failure ? EXIT.failed : EXIT.done
    } finally {
      connection.close()
    }
  },
}

function replacedWords(
  at: number | undefined,
  { kept, held, found, schedules }: { kept: string; held: number; found: number; schedules: number },
): string[] {
  return [
    at === undefined
      ? 'Offloop begins with an empty database.'
      : `The backup of ${new Date(at).toISOString()} was put back.`,
    `The damaged file is kept as "${kept}".`,
    ...(held > 0 ? [`Runs that wait are held: ${held}. Let them go with "offloop resume".`] : []),
    ...(schedules > 0 ? [`Schedules that were turned off: ${schedules}.`] : []),
    ...(found > 0 ? [`Commands started after the backup, found by their output: ${found}.`] : []),
  ]
}
