/** The address of a PostgreSQL database, taken apart. Pure, for the window, the service and the host alike. */

/** How much the connection is protected, in libpq's words: https://www.postgresql.org/docs/current/libpq-ssl.html */
export const sslModes = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

/** Where a server listens when the address does not say. */
const DEFAULT_PORT = 5432
const MAX_PORT = 65_535

export interface PostgresAddress {
  readonly user: string
  /** A name, an IP address, or the absolute path of the folder with the server's Unix socket. */
  readonly host: string
  readonly port: number
  readonly database: string
  readonly sslmode: SslMode
  /** Absolute path of the certificates to trust, in PEM; the system's are used without it. */
  readonly sslrootcert: string | undefined
}

/** An address, or what is wrong with it and what to write instead. */
export type ReadAddress =
  | { readonly ok: true; readonly address: PostgresAddress }
  | { readonly ok: false; readonly reason: 'password' | 'malformed'; readonly message: string }

const SHAPE =
  /^postgres(?:ql)?:\/\/(?:(?<login>[^@/?#]*)@)?(?<host>\[[^\]]*\]|[^:/?#]*)(?::(?<port>\d*))?(?:\/(?<database>[^?#/]*))?(?:\?(?<options>[^#]*))?$/
const EXAMPLE = 'postgres://user@host:5432/database?sslmode=require'

/**
 * Takes an address apart: `postgres://user@host:port/database?sslmode=…&sslrootcert=…`, with percent-encoding. The
 * folder of a Unix socket is given as `?host=/folder`. An address never has a password: one that does is refused.
 */
export function readPostgresAddress(text: string): ReadAddress {
  if (hasPassword(text)) {
    return {
      ok: false,
      reason: 'password',
      message: `An address has no password in it, because it is shown and kept. Leave the password out, and save it in the keychain instead.`,
    }
  }
  const parts = SHAPE.exec(text)?.groups
  if (!parts) return malformed('This is not the address of a PostgreSQL database.')
  try {
    return assemble(parts)
  } catch {
    return malformed('The percent-encoding of this address is broken.')
  }
}

/** Whether there is a password in an address, also where the rest of it is malformed. */
export function hasPassword(text: string): boolean {
  const rest = /^postgres(?:ql)?:\/\/(.*)$/s.exec(text)?.[1]
  if (rest === undefined) return false
  // The second is for a user's name with an @ in it, the first for a password with a slash in it.
  return /^[^@:]*:.*@/s.test(rest) || /^[^/?#]*:[^/?#]*@/.test(rest) || /[?&]password=/i.test(rest)
}

/** A database as lists name it. */
export function postgresName({ database, host }: PostgresAddress): string {
  return `${database} (${host})`
}

/** The same address as it would be written anew, which names it everywhere. */
export function writePostgresAddress({
  user,
  host,
  port,
  database,
  sslmode,
  sslrootcert,
}: PostgresAddress): string {
  const folder = host.startsWith('/')
  const options = [
    ...(folder ? [`host=${encodeURIComponent(host)}`] : []),
    `sslmode=${sslmode}`,
    ...(sslrootcert === undefined ? [] : [`sslrootcert=${encodeURIComponent(sslrootcert)}`]),
  ]
  const place = folder ? '' : host.includes(':') ? `[${host}]` : encodeURIComponent(host)
  return `postgres://${encodeURIComponent(user)}@${place}:${port}/${encodeURIComponent(database)}?${options.join('&')}`
}

/** Whom a password belongs to: a person on a server has one for all of its databases. */
export function passwordOwner({ user, host, port }: PostgresAddress): string {
  return `postgres://${encodeURIComponent(user)}@${encodeURIComponent(host)}:${port}`
}

function assemble(parts: Readonly<Record<string, string | undefined>>): ReadAddress {
  const options = new Map(
    (parts['options'] ?? '')
      .split('&')
      .filter((option) => option !== '')
      .map((option): [string, string] => {
        const at = option.indexOf('=')
        return at === -1 ? [option, ''] : [option.slice(0, at), decodeURIComponent(option.slice(at + 1))]
      }),
  )
  for (const name of options.keys()) {
    if (name !== 'sslmode' && name !== 'sslrootcert' && name !== 'host') {
      return malformed(`"${name}" is no option of an address here. There are sslmode, sslrootcert and host.`)
    }
  }
  const user = decodeURIComponent(parts['login'] ?? '')
  if (user === '') return malformed('The address does not say as which user to connect.')
  const place = decodeURIComponent(parts['host'] ?? '')
  const host = options.get('host') ?? (place.startsWith('[') ? place.slice(1, -1) : place)
  if (host === '') return malformed('The address does not say on which host the server is.')
  const port = parts['port'] ? Number(parts['port']) : DEFAULT_PORT
  if (port < 1 || port > MAX_PORT) return malformed(`There is no port ${port}.`)
  const wanted = options.get('sslmode') ?? 'prefer'
  const sslmode = sslModes.find((mode) => mode === wanted)
  if (sslmode === undefined) {
    return malformed(`"${wanted}" is no sslmode. There are ${sslModes.join(', ')}.`)
  }
  return {
    ok: true,
    address: {
      user,
      host,
      port,
      database: decodeURIComponent(parts['database'] ?? '') || user,
      sslmode,
      sslrootcert: options.get('sslrootcert'),
    },
  }
}

function malformed(what: string): ReadAddress {
  return { ok: false, reason: 'malformed', message: `${what} Write it as ${EXAMPLE}.` }
}
