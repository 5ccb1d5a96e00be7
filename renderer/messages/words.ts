import type { Messages } from './en.ts'
import { i18n } from './i18n.ts'

type KeysOf<M> = {
  [K in keyof M & string]: M[K] extends string ? K : `${K}.${KeysOf<M[K]>}`
}[keyof M & string]

/** The name of a message; a name that is not in the message files fails the type check. */
export type MessageKey = KeysOf<Messages>

/** A message in the language that is shown, with values put in. Whoever calls it while rendering follows the language. */
export function t(key: MessageKey, values: Readonly<Record<string, string | number>> = {}): string {
  return i18n.global.t(key, values)
}

/** As `t`, in the form for a number: `{count} row | {count} rows`. @param shown the number as it is written. */
export function tCount(
  key: MessageKey,
  count: number,
  shown: string,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return i18n.global.t(key, { ...values, count: shown }, count)
}
