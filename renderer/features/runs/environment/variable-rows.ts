import { looksSecret, type EnvironmentChange } from '#contract/environment.ts'
import type { CommandSpec } from '#contract/run.ts'

/** What is changed in an environment, by the name of the variable. */
export type EnvironmentChanges = CommandSpec['environment']
/** An environment as the service tells it: null in place of what looks secret. */
export type BaseEnvironment = Readonly<Record<string, string | null>>

/** A variable as the command would find it, and how that came about. */
export interface VariableRow {
  readonly name: string
  readonly state: 'inherited' | 'changed' | 'added' | 'removed'
  /** Null where only the service knows it; of one that is removed, what it would be. */
  readonly value: string | null
  readonly secret: boolean
}

/** Every variable of an environment with its changes, by name. */
export function variableRows(base: BaseEnvironment, changes: EnvironmentChanges): VariableRow[] {
  const names = new Set([...Object.keys(base), ...Object.keys(changes)])
  return [...names].sort(byName).map((name) => variableRow(name, base, changes))
}

/** In the order of a dictionary, whatever the case. */
const byName = new Intl.Collator('en', { sensitivity: 'base', numeric: true }).compare

function variableRow(name: string, base: BaseEnvironment, changes: EnvironmentChanges): VariableRow {
  const isInherited = Object.hasOwn(base, name)
  const inherited = isInherited ? (base[name] ?? null) : ''
  const inheritedSecret = isInherited && (inherited === null || looksSecret(name, inherited))
  const change = Object.hasOwn(changes, name) ? changes[name] : undefined
  if (change === undefined) return { name, state: 'inherited', value: inherited, secret: inheritedSecret }
  if (change === null) return { name, state: 'removed', value: inherited, secret: inheritedSecret }
  const value = plainValue(change)
  const secret = typeof change !== 'string' || looksSecret(name, change)
  return { name, state: isInherited ? 'changed' : 'added', value, secret }
}

function plainValue(change: Exclude<EnvironmentChange, null>): string | null {
  if (typeof change === 'string') return change
  return 'secret' in change ? change.secret : null
}

/** Those in whose name or visible value all words are found, whatever their case. */
export function findVariables(rows: readonly VariableRow[], sought: string): VariableRow[] {
  const words = sought.toLowerCase().split(/\s+/u)
  return rows.filter(({ name, value, secret }) => {
    const text = `${name} ${secret ? '' : (value ?? '')}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** Sets a variable; to the value that it has anyway, and in plain, that is no change. */
export function withValue(
  base: BaseEnvironment,
  changes: EnvironmentChanges,
  name: string,
  value: string,
): EnvironmentChanges {
  const before = changes[name]
  const isMarked = typeof before === 'object' && before !== null
  if (!isMarked && Object.hasOwn(base, name) && base[name] === value) return withoutChange(changes, name)
  return { ...changes, [name]: isMarked ? { secret: value } : value }
}

/** Takes back what was changed of a variable. */
export function withoutChange(changes: EnvironmentChanges, name: string): EnvironmentChanges {
  return Object.fromEntries(Object.entries(changes).filter(([each]) => each !== name))
}

/** Lets the command run without a variable. */
export function withoutVariable(
  base: BaseEnvironment,
  changes: EnvironmentChanges,
  name: string,
): EnvironmentChanges {
  return Object.hasOwn(base, name) ? { ...changes, [name]: null } : withoutChange(changes, name)
}

/** Has a value sealed whatever its name looks like, or no longer; one that is not known stays as it is. */
export function withMark(
  base: BaseEnvironment,
  changes: EnvironmentChanges,
  { name, value }: VariableRow,
  secret: boolean,
): EnvironmentChanges {
  if (value === null) return changes
  return secret
    ? { ...changes, [name]: { secret: value } }
    : withValue(base, withoutChange(changes, name), name, value)
}
