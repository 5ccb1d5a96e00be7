import { assert, constantFrom, property, record, integer, option, string } from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { databaseAddress } from './database.ts'
import {
  hasPassword,
  passwordOwner,
  postgresName,
  readPostgresAddress,
  sslModes,
  writePostgresAddress,
} from './postgres-address.ts'

describe('an address', () => {
  it.each([
    [
      'postgres://ann@db.example/shop',
      { user: 'ann', host: 'db.example', port: 5432, database: 'shop', sslmode: 'prefer' },
    ],
    ['postgresql://ann@db:6000', { host: 'db', port: 6000, database: 'ann' }],
    [
      'postgres://a%40b@[::1]:1/x%2Fy?sslmode=require',
      { user: 'a@b', host: '::1', port: 1, database: 'x/y', sslmode: 'require' },
    ],
    ['postgres://ann@/shop?host=%2Frun%2Fpg&sslmode=disable', { host: '/run/pg', sslmode: 'disable' }],
    [
      'postgres://ann@db/x?sslmode=verify-full&sslrootcert=%2Fca.pem',
      { sslmode: 'verify-full', sslrootcert: '/ca.pem' },
    ],
  ])('%s is taken apart', (text, expected) => {
    expect(readPostgresAddress(text)).toMatchObject({ ok: true, address: expected })
  })

  it.each([
    ['postgres://db/shop', 'as which user'],
    ['postgres://ann@/shop', 'on which host'],
    ['postgres://ann@db:99999/shop', 'no port 99999'],
    ['postgres://ann@db:x/shop', 'not the address'],
    ['postgres://ann@db/shop?sslmode=maybe', '"maybe" is no sslmode'],
    ['postgres://ann@db/shop?timeout=3', '"timeout" is no option'],
    ['postgres://ann@db/%zz', 'percent-encoding'],
    ['postgres://ann@db/a/b', 'not the address'],
  ])('%s is refused with what to write instead', (text, words) => {
    const read = readPostgresAddress(text)
    expect(read).toMatchObject({ ok: false, reason: 'malformed' })
    expect(!read.ok && read.message).toContain(words)
    expect(!read.ok && read.message).toContain('postgres://user@host:5432/database')
  })

  it.each([
    'postgres://ann:secret@db/shop',
    'postgresql://ann:@db/shop',
    'postgres://:secret@db/shop',
    'postgres://ann:sec/ret@db/shop',
    'postgres://ann@corp:secret@db/shop',
    'postgres://ann@db/shop?password=secret',
    'postgres://ann@db/shop?sslmode=require&PassWord=secret',
  ])('%s is refused for its password, which is not repeated', (text) => {
    const read = readPostgresAddress(text)
    expect(read).toMatchObject({ ok: false, reason: 'password' })
    expect(JSON.stringify(read)).not.toContain('secret')
    expect(databaseAddress.safeParse(text).success).toBe(false)
  })

  it.each(['/home/a:b@c.db', 'postgres://ann@db:5432/shop?sslrootcert=/a@b', 'postgres://ann@[::1]/x'])(
    '%s has no password in it',
    (text) => expect(hasPassword(text)).toBe(false),
  )
})

const word = string({
  minLength: 1,
  unit: constantFrom('a', 'B', '1', ' ', '/', '@', ':', '?', '#', '%', '&', '=', '[', ']', '雪'),
})
test('what is written is read back, whatever the names are', () => {
  const addresses = record({
    user: word,
    host: constantFrom('db.example', '::1', '127.0.0.1', '/run/a b@%'),
    port: integer({ min: 1, max: 65_535 }),
    database: word,
    sslmode: constantFrom(...sslModes),
    sslrootcert: option(word, { nil: undefined }),
  })
  assert(
    property(addresses, (address) => {
      expect(readPostgresAddress(writePostgresAddress(address))).toEqual({ ok: true, address })
    }),
  )
})

test('a password belongs to a user of a server, and a database is named with its host', () => {
  const [one, other] = ['postgres://ann@db/shop', 'postgres://ann@db:5432/stock?sslmode=require'].map(
    (text) => {
      const read = readPostgresAddress(text)
      if (!read.ok) throw new Error(read.message)
      return read.address
    },
  )
  if (!one || !other) throw new Error('There are two.')
  expect(passwordOwner(one)).toBe(passwordOwner(other))
  expect(postgresName(other)).toBe('stock (db)')
})
