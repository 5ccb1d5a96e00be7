import { resolve } from 'node:path'
import type { Command } from '../command.ts'
import { databaseOf } from '../database-word.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { followTransfer } from '../follow-transfer.ts'
import { parsePlace, placeHelp, placeOptions } from '../runs/parse-place.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop import <database> <file> --table <name> [--append]

Adds the rows of a CSV, TSV or JSON lines file to a new table, all of them or none. The separator, the header and the
types of the columns are guessed so that nothing is lost.

  --append   add to a table that is there, by the names of its columns

${placeHelp}

Ctrl-C cancels, and leaves nothing.`

/** `offloop import` */
export const importFile: Command = {
  about: 'add the rows of a file to a table',
  help,
  async run(context) {
    const { words, profile, launch, signal } = context
    const { values, positionals } = parseWords(words, {
      table: { type: 'string' },
      append: { type: 'boolean', default: false },
      ...placeOptions,
    })
    const [databaseWord, fileWord, ...rest] = positionals
    if (databaseWord === undefined || fileWord === undefined) {
      throw new WrongUsage('Name a database and a file: offloop import <database> <file> --table <name>')
    }
    if (rest.length > 0) throw new WrongUsage(`"${rest.join(' ')}" is too much`)
    if (values.table === undefined) throw new WrongUsage('Name the table: --table <name>')
    const database = databaseOf(databaseWord)
    const file = resolve(fileWord)
    const place = parsePlace(values)
    const connection = await reachOffloop(profile, launch, signal)
    try {
      const { client } = connection
      const preview = await client.call('import.preview', { database, file }, { signal })
      const transfer = {
        kind: 'import',
        database,
        file,
        table: values.table,
        create: !values.append,
        format: preview.format,
        columns: preview.columns.map(({ name, type }) => ({ name, type })),
      } as const
      return await followTransfer(client, { kind: 'transfer', transfer, ...place }, context, values.verbose)
    } finally {
      connection.close()
    }
  },
}
