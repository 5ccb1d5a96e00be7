import type { SqlValue } from '#contract/sql-value.ts'
import { WrongUsage } from './wrong-usage.ts'

/**
 * Reads `name=value` words, where the name may be a number: `1=value` for `$1`. A value that is a literal of SQL is taken as one: NULL, a whole number, a number with a
 * point or exponent, 'text' in single quotes, x'hex'. Everything else is text as it stands, also 007 and 1e.
 * @throws WrongUsage
 */
export function parseParameters(words: readonly string[]): Record<string, SqlValue> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = /^[:@$]?([\p{L}\p{N}_]+)=([^]*)$/u.exec(word) ?? []
      if (name === undefined || value === undefined) {
        throw new WrongUsage(`"${word}" is no parameter. Give it as name=value`)
      }
      return [name, parseValue(value)]
    }),
  )
}

function parseValue(text: string): SqlValue {
  if (/^null$/i.test(text)) return null
  if (/^-?(?:0|[1-9]\d{0,17})$/.test(text)) return { integer: text }
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text) && /[.eE]/.test(text)) {
    return { real: Number(text) }
  }
  const quoted = /^'((?:[^']|'')*)'$/.exec(text)?.[1]
  if (quoted !== undefined) return quoted.replaceAll("''", "'")
  const blob = /^[xX]'((?:[0-9a-fA-F]{2})*)'$/.exec(text)?.[1]
  return blob === undefined ? text : { blob }
}
