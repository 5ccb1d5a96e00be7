import {
  readPostgresAddress,
  writePostgresAddress,
  type PostgresAddress,
  type SslMode,
} from '#contract/postgres-address.ts'
import type { MessageKey } from '../../messages/words.ts'

/** What a person fills in to reach a server; texts as they are typed. */
export interface ServerFields {
  readonly host: string
  readonly port: string
  readonly database: string
  readonly user: string
  readonly password: string
  readonly sslmode: SslMode
  /** Path of the certificates to trust; empty for the system's. */
  readonly sslrootcert: string
}

export const noFields: ServerFields = {
  host: 'localhost',
  port: '5432',
  database: '',
  user: '',
  password: '',
  sslmode: 'prefer',
  sslrootcert: '',
}

/** Whether a mode looks at who the server is, and so may need certificates. */
export function verifies(mode: SslMode): boolean {
  return mode === 'verify-ca' || mode === 'verify-full'
}

/** The fields of an address that is known, whose password is not. */
export function fieldsOf(address: PostgresAddress): ServerFields {
  const { host, port, database, user, sslmode, sslrootcert = '' } = address
  return { host, port: String(port), database, user, password: '', sslmode, sslrootcert }
}

/** The address that the fields make, or the message of what is missing in them. */
export type MadeAddress =
  { readonly ok: true; readonly address: string } | { readonly ok: false; readonly missing: MessageKey }

export function addressOf(fields: ServerFields): MadeAddress {
  const host = fields.host.trim()
  const user = fields.user.trim()
  if (host === '') return { ok: false, missing: 'server.missingHost' }
  if (user === '') return { ok: false, missing: 'server.missingUser' }
  const certificates = verifies(fields.sslmode) ? fields.sslrootcert.trim() : ''
  const address = writePostgresAddress({
    user,
    host,
    port: Number(fields.port),
    database: fields.database.trim() || user,
    sslmode: fields.sslmode,
    sslrootcert: certificates || undefined,
  })
  // The one thing that can be wrong in a field by now.
  if (!/^\d+$/.test(fields.port) || !readPostgresAddress(address).ok) {
    return { ok: false, missing: 'server.wrongPort' }
  }
  return { ok: true, address }
}

/** A whole address as it was pasted, taken apart; its password, if it has one, goes to its own field. */
export type PastedAddress =
  { readonly ok: true; readonly fields: ServerFields } | { readonly ok: false; readonly message: string }

const WITH_PASSWORD = /^(postgres(?:ql)?:\/\/[^:@/?#]*):([^@]*)@(.*)$/s

export function readPasted(text: string): PastedAddress {
  const trimmed = text.trim()
  const parts = WITH_PASSWORD.exec(trimmed)
  const read = readPostgresAddress(parts ? `${parts[1] ?? ''}@${parts[3] ?? ''}` : trimmed)
  if (!read.ok) return { ok: false, message: read.message }
  return { ok: true, fields: { ...fieldsOf(read.address), password: decoded(parts?.[2] ?? '') } }
}

/** Percent-encoding that is broken was none: a password may have a % in it. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
