import type { TableInfo } from '#contract/database.ts'

/** A table as SQL finds it. */
export type TableName = Pick<TableInfo, 'name' | 'schema'>

/** A name in double quotes, as SQL wants names that may be anything. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A table by its full name, with its schema where the engine has several. */
export function quoteTable({ schema, name }: TableName): string {
  return schema === undefined ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
}

/** A table by its full name as the service takes it: `schema.name` where the engine has several. */
export function fullName({ schema, name }: TableName): string {
  return schema === undefined ? name : `${schema}.${name}`
}

/** A query for every row of a table. */
export function selectAll(table: TableName): string {
  return `SELECT * FROM ${quoteTable(table)}`
}

/** A query that names every column of a table. */
export function selectColumns(table: TableInfo): string {
  const columns = table.columns.map(({ name }) => quoteName(name)).join(', ')
  return `SELECT ${columns || '*'}\nFROM ${quoteTable(table)}`
}

/** What makes a table anew, with its indexes and triggers; undefined where the engine does not tell. */
export function createStatements({ sql, indexes = [], triggers = [] }: TableInfo): string | undefined {
  if (sql === undefined) return undefined
  const texts = [sql, ...indexes.flatMap((index) => index.sql ?? []), ...triggers.map((each) => each.sql)]
  return texts.map((text) => `${text};`).join('\n')
}
