import { findParameters, type Parameter } from '#contract/sql/find-parameters.ts'
import type { SqlParams, SqlValue } from '#contract/sql-value.ts'
import type { RawValue } from '#contract/chunk/encode.ts'
import { refusal } from './database-failure.ts'

const MIN_INTEGER = -(2n ** 63n)
const MAX_INTEGER = 2n ** 63n - 1n
/** SQLite's own limit for the number of a parameter: https://www.sqlite.org/limits.html#max_variable_number */
const MAX_PARAMETERS = 32_766

export interface BindOptions {
  /** The same names are given to every statement of a script: those that one does not use are then no mistake. */
  readonly otherNames: 'refused' | 'ignored'
}

/** The values of a statement's parameters, for either way of binding them. */
export interface BoundValues {
  /** By the parameters' numbers, from 1; NULL for a number that the text leaves out. */
  readonly inOrder: readonly RawValue[]
  /** As better-sqlite3 takes them: first those without a name in their order, then the named ones in one object. */
  readonly forDriver: unknown[]
}

/**
 * The values of a statement's parameters as better-sqlite3 binds them.
 * @throws RequestFailed `database` as `boundValues`.
 */
export function bindable(sql: string, params: SqlParams | undefined, options?: BindOptions): unknown[] {
  return boundValues(sql, params, options).forDriver
}

/**
 * Finds a value for each parameter of a statement.
 * @throws RequestFailed `database` that names what is missing, what is too much, or an integer that does not fit 64 bits.
 */
export function boundValues(
  sql: string,
  params: SqlParams | undefined,
  { otherNames }: BindOptions = { otherNames: 'refused' },
): BoundValues {
  const parameters = findParameters(sql)
  const count = parameters.at(-1)?.index ?? 0
  if (count > MAX_PARAMETERS)
    throw refusal(`A statement can have ${MAX_PARAMETERS} parameters, not ${count}.`)
  const given = params ?? []
  const values = Array.isArray(given)
    ? byPosition(parameters, count, given)
    : valuesByName(parameters, given, otherNames)
  if (count === 0) return { inOrder: [], forDriver: [] }

  const inOrder = new Array<RawValue>(count).fill(null)
  // Without a prototype, so that every name is only a name.
  const named = Object.create(null) as Record<string, RawValue>
  const sources = new Map<string, SqlValue>()
  const unnamed = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !values.has(index))
  const positional = new Map<number, RawValue>(unnamed.map((index) => [index, null]))
  for (const { index, text } of parameters) {
    const source = values.get(index) ?? null
    const value = rawValue(source)
    inOrder[index - 1] = value
    if (text === '?') {
      positional.set(index, value)
      continue
    }
    const name = text.slice(1)
    if (sources.has(name) && sources.get(name) !== source) {
      throw refusal(
        `The statement has two parameters "${name}" with different prefixes. Give the value by name, or rename one.`,
      )
    }
    sources.set(name, source)
    named[name] = value
  }
  const byNumber = [...positional].sort(([a], [b]) => a - b).map(([, value]) => value)
  return { inOrder, forDriver: Object.keys(named).length > 0 ? [...byNumber, named] : byNumber }
}

function byPosition(
  parameters: readonly Parameter[],
  count: number,
  given: readonly SqlValue[],
): Map<number, SqlValue> {
  if (given.length > count) {
    throw refusal(
      `${given.length} values were given, but the statement has ${count} ${count === 1 ? 'parameter' : 'parameters'}. Leave the others out.`,
    )
  }
  const missing = parameters.filter(({ index }) => index > given.length)
  if (missing.length > 0) throw missingValues(missing)
  return new Map(given.map((value, at) => [at + 1, value]))
}

/**
 * The values of parameters by their numbers, given by name: without a prefix, and `1` for `$1`.
 * @throws RequestFailed `database` that names what is missing, or too much.
 */
export function valuesByName(
  parameters: readonly Parameter[],
  given: Readonly<Record<string, SqlValue>>,
  otherNames: BindOptions['otherNames'],
): Map<number, SqlValue> {
  const keyOf = ({ name, text }: Parameter): string => name ?? text.slice(1)
  const values = new Map<number, SqlValue>()
  const missing: Parameter[] = []
  const unused = new Set(Object.keys(given))
  for (const parameter of parameters) {
    const key = keyOf(parameter)
    const value = key !== '' && Object.hasOwn(given, key) ? given[key] : undefined
    if (value === undefined) missing.push(parameter)
    else values.set(parameter.index, value)
    unused.delete(key)
  }
  if (missing.length > 0) throw missingValues(missing)
  if (unused.size > 0 && otherNames === 'refused') {
    const names = [...unused].map((name) => `"${name}"`).join(', ')
    throw refusal(`The statement has no parameter ${names}. Leave it out, or correct its name.`)
  }
  return values
}

function missingValues(missing: readonly Parameter[]): Error {
  const names = missing.map(({ text, index }) => (text === '?' ? `? (number ${index})` : text)).join(', ')
  return refusal(
    `The statement asks for ${missing.length === 1 ? 'a value' : 'values'} for ${names}. Give ${missing.length === 1 ? 'it' : 'them'} and run it again.`,
  )
}

/** A bigint is bound as INTEGER and a number as REAL, whatever its value. */
function rawValue(value: SqlValue): RawValue {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if ('real' in value) return value.real
  if ('blob' in value) return Buffer.from(value.blob, 'hex')
  const integer = BigInt(value.integer)
  if (integer < MIN_INTEGER || integer > MAX_INTEGER) {
    throw refusal('A parameter is no integer of 64 bits. Give it as text or as a real.')
  }
  return integer
}
