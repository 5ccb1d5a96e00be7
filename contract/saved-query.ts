import { z } from 'zod'
import { call, stream } from './channel.ts'
import { chart } from './chart.ts'
import { databaseAddress } from './database.ts'

/** Between the folders of a name, and before its last part. */
export const FOLDER_SEPARATOR = '/'
const MAX_NAME_LENGTH = 200
/** In UTF-16 code units; a longer text is a file of its own. */
const MAX_SQL_LENGTH = 1_000_000
/** Of the text that a list carries, for finding a query by it. */
export const MAX_BEGINNING = 2_000

/** Folders and a name, such as `reports/monthly/sales`; no part is empty or has spaces at its ends. */
export const savedQueryName = z
  .string()
  .max(MAX_NAME_LENGTH)
  .regex(/^(?!\s)[^\p{Cc}/]*[^\p{Cc}/\s](?:\/(?!\s)[^\p{Cc}/]*[^\p{Cc}/\s])*$/u)

/** A query that is kept under a name. */
export const savedQuery = z.object({
  name: savedQueryName,
  sql: z.string().max(MAX_SQL_LENGTH),
  /** The one that it was written for; null where that is not known. */
  database: databaseAddress.nullable(),
  /** How its result is drawn; null for its rows. */
  chart: chart.nullable(),
})
export type SavedQuery = z.infer<typeof savedQuery>

/** What a list tells of a saved query. */
export const savedQueryEntry = savedQuery.omit({ sql: true, chart: true }).extend({
  /** The first characters of its text, at most MAX_BEGINNING. */
  beginning: z.string(),
})
export type SavedQueryEntry = z.infer<typeof savedQueryEntry>

/** What the service answers about saved queries. */
export const serviceSavedQueries = {
  /** All of them by name: now, and whenever one has changed. */
  'savedQueries.watch': stream(z.object({}), z.object({ queries: z.array(savedQueryEntry) }), z.object({})),
  /** Fails with `not-found`. */
  'savedQuery.get': call(z.object({ name: z.string() }), savedQuery),
  /** Keeps a query. Fails with `conflict` when there is one of that name, unless that may be replaced. */
  'savedQuery.save': call(z.object({ query: savedQuery, replace: z.boolean() }), z.object({})),
  /**
   * Gives a query another name, or all that are in a folder; in another folder, it moves there. Fails with `not-found`,
   * and with `conflict` when something of that name is there, and has then changed nothing.
   */
  'savedQuery.rename': call(
    z.object({ from: savedQueryName, to: savedQueryName, what: z.enum(['query', 'folder']) }),
    z.object({}),
  ),
  /** Fails with `not-found`. */
  'savedQuery.delete': call(z.object({ name: z.string() }), z.object({})),
}
