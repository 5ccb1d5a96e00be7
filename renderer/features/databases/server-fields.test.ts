import { expect, test } from 'vitest'
import { addressOf, noFields, readPasted } from './server-fields.ts'

const filled = { ...noFields, host: 'db', user: 'ann', database: 'shop' }

test('fields make the address that names the database everywhere, without the password', () => {
  expect(addressOf({ ...filled, password: 'secret' })).toEqual({
    ok: true,
    address: 'postgres://ann@db:5432/shop?sslmode=prefer',
  })
  expect(addressOf({ ...filled, host: '/run/postgresql', database: '' })).toEqual({
    ok: true,
    address: 'postgres://ann@:5432/ann?host=%2Frun%2Fpostgresql&sslmode=prefer',
  })
})

test('certificates are part of the address only where they are looked at', () => {
  const sslrootcert = '/etc/ca.pem'
  expect(addressOf({ ...filled, sslrootcert, sslmode: 'require' })).toMatchObject({
    address: expect.not.stringContaining('ca.pem') as string,
  })
  expect(addressOf({ ...filled, sslrootcert, sslmode: 'verify-full' })).toMatchObject({
    address: expect.stringContaining('sslrootcert=%2Fetc%2Fca.pem') as string,
  })
})

test.each([
  [{ host: ' ' }, 'server.missingHost'],
  [{ user: '' }, 'server.missingUser'],
  [{ port: '70000' }, 'server.wrongPort'],
  [{ port: 'x' }, 'server.wrongPort'],
  [{ port: '' }, 'server.wrongPort'],
])('what is missing or wrong is named: %o', (wrong, missing) => {
  expect(addressOf({ ...filled, ...wrong })).toEqual({ ok: false, missing })
})

test('a pasted address fills the fields, its password in its own', () => {
  expect(readPasted(' postgresql://ann:p%40ss@db:6000/shop?sslmode=require\n')).toEqual({
    ok: true,
    fields: {
      host: 'db',
      port: '6000',
      database: 'shop',
      user: 'ann',
      password: 'p@ss',
      sslmode: 'require',
      sslrootcert: '',
    },
  })
  expect(readPasted('postgres://ann:100%@db/shop')).toMatchObject({ fields: { password: '100%' } })
})

test('what is no address says how one is written', () => {
  expect(readPasted('db.example.com')).toMatchObject({
    ok: false,
    message: expect.stringContaining('postgres://user@host') as string,
  })
})
