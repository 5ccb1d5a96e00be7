import type { TableInfo } from '#contract/database.ts'
import type { Command } from '../command.ts'
import { databaseOf } from '../database-word.ts'
import { EXIT } from '../exit-status.ts'
import { parseWords } from '../parse-words.ts'
import { reachOffloop } from '../reach/reach-offloop.ts'
import { visible } from '../rows/visible-cells.ts'
import { WrongUsage } from '../wrong-usage.ts'

const help = `offloop schema <database> [--json]

Shows the tables and views of a database with their columns and foreign keys.

  --json   as an object`

/** `offloop schema` */
export const schema: Command = {
  about: 'show the tables and columns of a database',
  help,
  async run({ words, profile, launch, output, signal }) {
    const { values, positionals } = parseWords(words, { json: { type: 'boolean', default: false } })
    const [database, ...rest] = positionals
    if (database === undefined) throw new WrongUsage('Name a database: offloop schema <database>')
    if (rest.length > 0) throw new WrongUsage(`"${rest.join(' ')}" is too much`)
    const connection = await reachOffloop(profile, launch, signal)
    try {
      const path = databaseOf(database)
      const found = await connection.client.call('database.schema', { path }, { signal })
      await output.write(
        values.json ? `${JSON.stringify(found, null, 2)}\n` : found.tables.map(tableText).join('\n'),
      )
      await output.end()
      return EXIT.done
    } finally {
      connection.close()
    }
  },
}

function tableText({ schema: within, name, kind, columns, foreignKeys }: TableInfo): string {
  const lines = columns.map(({ name: column, declaredType, notNull, primaryKey }) =>
    [
      visible(column),
      visible(declaredType),
      notNull ? 'not null' : '',
      primaryKey > 0 ? 'primary key' : '',
      ...foreignKeys
        .filter(({ from }) => from === column)
        .map(({ table, to }) => visible(`-> ${table}${to === null ? '' : `.${to}`}`)),
    ]
      .filter((part) => part !== '')
      .join(' '),
  )
  const full = within === undefined ? name : `${within}.${name}`
  return `${kind} ${visible(full)}\n${lines.map((line) => `  ${line}\n`).join('')}`
}
