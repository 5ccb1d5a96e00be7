import type { EditStatement, EditValue } from '#contract/edits.ts'
import type { SqlValue } from '#contract/sql-value.ts'

/** SQLite has no literals for these, but reads a number that is too large as the first two; it has no NaN at all. */
const WORDS = { Infinity: '9e999', '-Infinity': '-9e999', NaN: 'NULL' } as const

/** A piece of SQL with values in it, which can be bound or written out. */
export type Fragment = readonly (string | { readonly value: EditValue })[]

/** SQL as a tagged template: strings stay, values become parameters, other fragments are taken in. */
export function sql(strings: TemplateStringsArray, ...parts: (Fragment | { value: EditValue })[]): Fragment {
  return strings.flatMap((text, at) => {
    const part = parts[at]
    if (part === undefined) return [text]
    return 'value' in part ? [text, part] : [text, ...part]
  })
}

/** A piece of SQL without values. */
export function raw(text: string): Fragment {
  return [text]
}

/** Fragments with a text between them. */
export function join(fragments: readonly Fragment[], between: string): Fragment {
  return fragments.flatMap((fragment, at) => (at === 0 ? fragment : [between, ...fragment]))
}

/** An identifier, quoted. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The statement with its values as parameters. */
export function bound(fragment: Fragment): EditStatement {
  const params: SqlValue[] = []
  const text = fragment.map((part) => {
    if (typeof part === 'string') return part
    const { value } = part
    if (typeof value === 'object' && value !== null && 'text' in value) {
      params.push({ blob: value.text })
      // The plus takes the affinity away that a CAST has, so that the value compares as any other parameter does.
      return '+CAST(? AS TEXT)'
    }
    if (isWord(value)) return literal(value)
    params.push(value)
    return '?'
  })
  return { sql: text.join(''), params }
}

/** The statement with its values written out. */
export function written(fragment: Fragment): string {
  return fragment.map((part) => (typeof part === 'string' ? part : literal(part.value))).join('')
}

/** A value as SQL that evaluates to exactly that. */
export function literal(value: EditValue): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return textLiteral(value)
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? BigInt(value).toString() : realLiteral(value)
  if ('integer' in value) return BigInt(value.integer).toString()
  if (isWord(value)) return WORDS[value.real]
  if ('real' in value) return realLiteral(value.real)
  if ('blob' in value) return `x'${value.blob.toLowerCase()}'`
  return `+CAST(x'${value.text.toLowerCase()}' AS TEXT)`
}

/** A literal ends at NUL for SQLite's parser, so that one is made by a function. */
function textLiteral(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`)
  return parts.length === 1 ? parts.join('') : `(${parts.join(' || char(0) || ')})`
}

function realLiteral(real: number): string {
  if (Object.is(real, -0)) return '-0.0'
  const text = String(real)
  return /[.e]/.test(text) ? text : `${text}.0`
}

/** A real for which there is no number in JSON. */
function isWord(value: EditValue): value is { real: keyof typeof WORDS } {
  return typeof value === 'object' && value !== null && 'real' in value && typeof value.real === 'string'
}
