import type pg from 'pg'
import { failed } from '#kit/request-failed.ts'

/** A table or view of a server. */
export interface FoundTable {
  /** Its object id, in decimal. */
  readonly id: string
  /** In quotes where it needs them, with its schema. */
  readonly quoted: string
}

/** A name with its schema wins over one without that happens to have a dot in it. */
const FIND = `SELECT c.oid::text AS id, format('%I.%I', n.nspname, c.relname) AS quoted
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
    AND (n.nspname || '.' || c.relname = $1 OR c.relname = $1 AND pg_table_is_visible(c.oid))
  ORDER BY c.relname = $1 LIMIT 1`

/**
 * Finds a table by `schema.name`, or by its name where the search path leads to it.
 * @throws RequestFailed `not-found`.
 */
export async function findTable(client: pg.Client, name: string): Promise<FoundTable> {
  const { rows } = await client.query<FoundTable>(FIND, [name])
  const [found] = rows
  if (found) return found
  throw failed('not-found', `There is no table ${name} any more. Read the schema again.`)
}
