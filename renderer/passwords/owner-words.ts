import { readPostgresAddress } from '#contract/postgres-address.ts'

/** Whose password is meant, as people write it: `ann@db.example.com:5432`. */
export function passwordOwnerWords(address: string): string {
  const read = readPostgresAddress(address)
  if (!read.ok) return address
  const { user, host, port } = read.address
  return `${user}@${host}:${port}`
}
