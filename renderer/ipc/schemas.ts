import { shallowReactive } from 'vue'
import { engineOf, type Schema } from '#contract/database.ts'
import type { Failure } from '#contract/failure.ts'
import { failureOf } from '#kit/request-failed.ts'
import { askService } from './ask.ts'

/** SQLSTATE of a missing or wrong password (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const INVALID_PASSWORD = '28P01'

/** What is known of a database's tables. */
export type SchemaState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready'; readonly schema: Schema }
  | { readonly kind: 'failed'; readonly message: string; readonly needsPassword: boolean }

/** By the path of the database; a database that nobody has asked about is not in it. */
export const schemas = shallowReactive(new Map<string, SchemaState>())

/** Reads a database's tables, unless that has been done. */
export function needSchema(path: string): void {
  if (!schemas.has(path)) void readSchema(path)
}

/** Reads a database's tables again; what was known stays until the answer is there. */
export async function readSchema(path: string): Promise<void> {
  if (schemas.get(path)?.kind !== 'ready') schemas.set(path, { kind: 'loading' })
  try {
    schemas.set(path, { kind: 'ready', schema: await askService('database.schema', { path }) })
  } catch (error) {
    const failure = failureOf(error)
    const needsPassword = isPasswordNeeded(path, failure)
    schemas.set(path, { kind: 'failed', message: failure.message, needsPassword })
  }
}

/** Whether a server turned somebody away for want of a password, or of the right one. */
export function isPasswordNeeded(path: string, failure: Failure): boolean {
  return engineOf(path) === 'postgres' && failure.details?.engineCode === INVALID_PASSWORD
}
