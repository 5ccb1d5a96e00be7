import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { engineOf } from '#contract/database.ts'
import type { ServiceContract } from '#contract/service.ts'
import { splitStatements } from '#contract/sql/split-statements.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import type { CommandContext } from './command.ts'
import { databaseOf } from './database-word.ts'
import type { SourceText } from './failure-text.ts'
import { WrongUsage } from './wrong-usage.ts'

/** How a text is named on the command line. */
export interface QueryWords {
  readonly database: string | undefined
  readonly sql: string | undefined
  readonly file: string | undefined
  /** The name of a query that is kept. */
  readonly saved: string | undefined
}

/** What is to be run, and on what. */
export interface QuerySource {
  readonly database: string
  readonly source: SourceText
  /** First code unit of each statement, and the one after its last. */
  readonly statements: [number, number][]
}

/**
 * Reads a text from its word, a file or the standard input, at once, so that Offloop is not started for one that is not
 * there; or finds how to get it from Offloop.
 * @throws WrongUsage, RequestFailed `not-found`
 */
export async function querySource(
  { database, sql, file, saved }: QueryWords,
  context: CommandContext,
): Promise<(client: Client<ServiceContract>) => Promise<QuerySource>> {
  if ([sql, file, saved].filter((given) => given !== undefined).length > 1)
    throw new WrongUsage('The SQL is given twice: give it as a word, with --file or with --saved')
  if (saved !== undefined) return (client) => savedSource(client, saved, database, context.signal)
  if (database === undefined) throw new WrongUsage('Name a database: offloop query <database> [sql]')
  const found = withStatements(databaseOf(database), await readSource(sql, file, context))
  return () => Promise.resolve(found)
}

async function savedSource(
  client: Client<ServiceContract>,
  name: string,
  database: string | undefined,
  signal: AbortSignal,
): Promise<QuerySource> {
  const query = await client.call('savedQuery.get', { name }, { signal })
  const on = database === undefined ? query.database : databaseOf(database)
  if (on !== null) return withStatements(on, { name, sql: query.sql })
  throw new WrongUsage(
    `"${name}" was kept without a database. Name one: offloop query --saved ${name} <database>`,
  )
}

function withStatements(database: string, source: SourceText): QuerySource {
  const dialect = engineOf(database) === 'postgres' ? 'postgres' : 'sqlite'
  const statements = splitStatements(source.sql, dialect)
  if (statements.length === 0) throw new WrongUsage('There is no statement to run')
  return { database, source, statements: statements.map(({ start, end }) => [start, end]) }
}

async function readSource(
  word: string | undefined,
  file: string | undefined,
  { input, say }: CommandContext,
): Promise<SourceText> {
  if (word !== undefined) return { name: undefined, sql: word }
  if (file === undefined) {
    if (input.isTTY) say('offloop: type the SQL, then Ctrl-D')
    return { name: undefined, sql: (await buffer(input)).toString() }
  }
  try {
    return { name: file, sql: await readFile(file, 'utf8') }
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw failed('not-found', `${file} cannot be read (${reason}). Name another file.`, {
      engineCode: reason,
    })
  }
}
