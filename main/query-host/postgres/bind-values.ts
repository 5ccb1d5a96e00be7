import type { SqlParams, SqlValue } from '#contract/sql-value.ts'
import { refusal } from '../database-failure.ts'

/**
 * Parameters as the server reads them: each as text, of which it makes the type that the statement needs.
 * @throws RequestFailed `database` for parameters by name, which PostgreSQL does not have.
 */
export function bindValues(params: SqlParams | undefined): (string | null)[] {
  if (params === undefined) return []
  if (!Array.isArray(params)) {
    throw refusal(
      'PostgreSQL numbers its parameters: write $1, $2 in the statement and give their values in order.',
    )
  }
  return params.map(textOf)
}

function textOf(value: SqlValue): string | null {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if ('real' in value) return String(value.real)
  return 'blob' in value ? `\\x${value.blob}` : value.integer
}
