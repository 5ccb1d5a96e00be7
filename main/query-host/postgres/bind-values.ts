import { numberParameters } from '#contract/sql/server-parameters.ts'
import type { SqlParams, SqlValue } from '#contract/sql-value.ts'
import { valuesByName, type BindOptions } from '../bind-params.ts'
import { refusal } from '../database-failure.ts'

/** The protocol counts them in 16 bits. */
const MAX_PARAMETERS = 65_535

/** A statement and its values as they are sent to a server. */
export interface BoundStatement {
  readonly text: string
  /** Each as text, of which the server makes the type that the statement needs. */
  readonly values: (string | null)[]
  /** The place in the text as it was written, for one in `text`; in UTF-16 code units. */
  readonly originalOffset: (offset: number) => number
}

/**
 * Gives parameters with names their numbers, and values their texts. Values by position go to `$1` and on, and then to
 * names in the order of their first use; whether there are as many as needed is for the server to say.
 * @throws RequestFailed `database` for a name without a value, or a value without a name.
 */
export function bindValues(
  sql: string,
  params: SqlParams | undefined,
  { otherNames }: BindOptions = { otherNames: 'refused' },
): BoundStatement {
  const { text, parameters, originalOffset } = numberParameters(sql)
  if (Array.isArray(params)) return { text, values: params.map(textOf), originalOffset }
  const given = valuesByName(parameters, params ?? {}, otherNames)
  const count = parameters.at(-1)?.index ?? 0
  if (count > MAX_PARAMETERS) {
    throw refusal(`A statement can have ${MAX_PARAMETERS} parameters, not ${count}.`)
  }
  const values = Array.from({ length: count }, (_, at) => textOf(given.get(at + 1) ?? null))
  return { text, values, originalOffset }
}

/** A value as the server reads it. */
export function textOf(value: SqlValue): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  if ('real' in value) return numberText(value.real)
  return 'blob' in value ? `\\x${value.blob}` : value.integer
}

/** JavaScript writes both zeros alike. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
