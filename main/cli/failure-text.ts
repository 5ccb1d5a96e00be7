import type { Failure } from '#contract/failure.ts'
import { textPosition } from './text-position.ts'

/** The text that a failure may point into, and what a person knows it as. */
export interface SourceText {
  /** A file's name; undefined for text from the command line or the standard input. */
  readonly name: string | undefined
  readonly sql: string
}

/** A failure as a line for a person: where, what, and the codes that a script may look for. */
export function failureText({ code, message, details }: Failure, source?: SourceText): string {
  const codes = [code, details?.engineCode].filter((part) => part !== undefined).join(' ')
  const place =
    source && details?.position !== undefined ? textPosition(source.sql, details.position) : undefined
  const where = place ? `${source?.name ?? 'offloop'}:${place.line}:${place.column}` : 'offloop'
  return `${where}: ${message} [${codes}]`
}
