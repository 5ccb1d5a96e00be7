import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import type { KeptWhere } from '#contract/supervision.ts'
import { openSecretStore, type Cipher } from './secret-store.ts'

const OWNER = 'postgres://ann@db:5432'

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'offloop-secrets-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return join(folder, 'secrets', 'passwords.json')
}

/** Encrypts as a keychain does: with a key that nothing but itself has. */
function makeCipher(protection: KeptWhere = 'keychain'): Cipher {
  const key = randomBytes(32)
  return {
    protection: () => Promise.resolve(protection),
    async encrypt(text) {
      const start = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, start)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([start, cipher.getAuthTag(), body])
    },
    async decrypt(bytes) {
      const cipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12))
      cipher.setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString('utf8')
    },
  }
}

it('keeps passwords over a restart, encrypted and for the owner of the file alone', async () => {
  const file = await place()
  const cipher = makeCipher()
  const log: string[] = []
  const store = openSecretStore(file, cipher, (line) => log.push(line))
  expect(await store.read(OWNER)).toBeNull()
  expect(await Promise.all([store.write(OWNER, 'pass 雪'), store.write('other', 'second')])).toEqual([
    'keychain',
    'keychain',
  ])
  const again = openSecretStore(file, cipher, (line) => log.push(line))
  expect(await again.read(OWNER)).toBe('pass 雪')
  expect(await again.read('other')).toBe('second')
  expect(await readFile(file, 'utf8')).not.toContain('pass')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect(await readdir(dirname(file))).toEqual(['passwords.json'])
  await again.write(OWNER, null)
  expect(await again.read(OWNER)).toBeNull()
  expect(await again.read('other')).toBe('second')
  expect(log).toEqual([])
})

it('writes nothing where nothing can encrypt, and forgets with the end of the app', async () => {
  const file = await place()
  const store = openSecretStore(file, makeCipher('memory'), () => undefined)
  expect(await store.write(OWNER, 'secret')).toBe('memory')
  expect(await store.read(OWNER)).toBe('secret')
  await expect(stat(file)).rejects.toThrow('ENOENT')
  expect(await openSecretStore(file, makeCipher('memory'), () => undefined).read(OWNER)).toBeNull()
})

it('asks for a password again when the keychain has another key now, and says so without it', async () => {
  const file = await place()
  await openSecretStore(file, makeCipher(), () => undefined).write(OWNER, 'secret')
  const log: string[] = []
  expect(await openSecretStore(file, makeCipher(), (line) => log.push(line)).read(OWNER)).toBeNull()
  expect(log).toEqual([expect.stringContaining('cannot be decrypted')])
  expect(log.join()).not.toContain('secret')
})

it('puts a damaged file aside instead of failing for ever', async () => {
  const file = await place()
  const log: string[] = []
  const store = openSecretStore(file, makeCipher(), (line) => log.push(line))
  await store.write(OWNER, 'secret')
  await writeFile(file, '{"postgres')
  expect(await store.read(OWNER)).toBeNull()
  expect(log).toEqual([expect.stringContaining(`${file}.damaged`)])
  expect(await readFile(`${file}.damaged`, 'utf8')).toBe('{"postgres')
  await store.write(OWNER, 'new')
  expect(await store.read(OWNER)).toBe('new')
})
