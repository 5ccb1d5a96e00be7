import { z } from 'zod'

/** A secret as it is stored and shown: only the service that sealed it can open it. In base64. */
export const sealed = z.object({ sealed: z.base64() })
export type Sealed = z.infer<typeof sealed>

/** A text, or one that is nobody's business. */
export const hideable = z.union([z.string(), sealed, z.object({ secret: z.string() })])
export type Hideable = z.infer<typeof hideable>

/**
 * A change of one variable: a value to set, null to unset it, or a secret. Somebody who asks may give a secret in plain;
 * the service seals it before anything is stored or told, and a value under a name that looks secret too.
 */
export const environmentChange = z.union([hideable, z.null()])
export type EnvironmentChange = z.infer<typeof environmentChange>

/** Of a name, written in any case, with _ or - between its words. */
const SECRET_NAME =
  /pass(?:word|wd|phrase|code)|secret|token|credential|(?:^|[_-])(?:pass|pwd|auth|cookie)$|(?:^|[_-])(?:\w*api)?_?keys?(?:$|[_-])|private/i
/** An address with a password in it: `postgres://user:password@host`. */
const SECRET_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i
/** The working folder's name ends like that of a password. */
const FOLDER_NAME = /^(?:OLD)?PWD$/

/** Whether the value of a variable is nobody's business, as far as its name and form tell. */
export function looksSecret(name: string, value: string): boolean {
  return (SECRET_NAME.test(name) && !FOLDER_NAME.test(name)) || SECRET_ADDRESS.test(value)
}

/** The variable by which a command's descendants are found, wherever they have gone. No change of it would last. */
export const MARKER = 'OFFLOOP_RUN'

/** Why no system, or no shell, would take a variable as it was meant; undefined when nothing speaks against it. */
export type VariableTrouble = 'no-name' | 'equals-sign' | 'zero-byte' | 'space' | 'own'

/** @param value null for one that is unset. */
export function variableTrouble(name: string, value: string | null): VariableTrouble | undefined {
  if (name === '') return 'no-name'
  if (name.includes('=')) return 'equals-sign'
  if (name.includes('\0') || (value?.includes('\0') ?? false)) return 'zero-byte'
  if (/\s/u.test(name)) return 'space'
  return name === MARKER ? 'own' : undefined
}
