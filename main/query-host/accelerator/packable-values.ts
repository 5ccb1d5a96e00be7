import type { RawValue } from '#contract/chunk/encode.ts'

/** By position, or by name without the prefix. */
export type PackableValues = readonly RawValue[] | Readonly<Record<string, RawValue>>

/**
 * The values of a statement's parameters as the extension binds them, out of those that better-sqlite3 binds.
 * @returns undefined for what it cannot bind: values by position beside values by name, and a numbered parameter.
 */
export function packableValues(values: readonly unknown[]): PackableValues | undefined {
  if (values.every(isRawValue)) return values
  const [named] = values
  if (values.length > 1 || typeof named !== 'object' || named === null) return undefined
  const entries = Object.entries(named)
  if (entries.some(([name, value]) => /^\d/.test(name) || !isRawValue(value))) return undefined
  return Object.fromEntries(entries)
}

function isRawValue(value: unknown): value is RawValue {
  if (typeof value === 'object') return value === null || value instanceof Uint8Array
  return typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string'
}
