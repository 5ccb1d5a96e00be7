import { readFile } from 'node:fs/promises'
import type { ConnectionOptions } from 'node:tls'
import type { PostgresAddress } from '#contract/postgres-address.ts'
import { failed } from '#kit/request-failed.ts'

/**
 * What TLS has to prove, as libpq's sslmode says; false for none at all. `prefer` and `require` take any certificate.
 * https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION
 * @throws RequestFailed `not-found` when the file of trusted certificates cannot be read.
 */
export async function tlsOptions({
  sslmode,
  sslrootcert,
}: PostgresAddress): Promise<ConnectionOptions | false> {
  switch (sslmode) {
    case 'disable':
      return false
    case 'prefer':
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return { ...(await trusted(sslrootcert)), checkServerIdentity: () => undefined }
    case 'verify-full':
      return trusted(sslrootcert)
    default:
      return sslmode satisfies never
  }
}

async function trusted(path: string | undefined): Promise<ConnectionOptions> {
  if (path === undefined) return { rejectUnauthorized: true }
  try {
    return { rejectUnauthorized: true, ca: await readFile(path, 'utf8') }
  } catch (error) {
    const engineCode = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw failed(
      'not-found',
      `The certificates in ${path} cannot be read. Correct the path after sslrootcert in the address.`,
      { engineCode },
    )
  }
}
