import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { KeptWhere } from '#contract/supervision.ts'
import { failed } from '#kit/request-failed.ts'

/** Secrets by the names of their owners, encrypted, in base64. */
const storedSecrets = z.record(z.string(), z.base64())
type StoredSecrets = z.infer<typeof storedSecrets>

/** Only its owner may read it, encrypted or not. */
const FILE_MODE = 0o600
const FOLDER_MODE = 0o700

/** What encrypts with a key that the system keeps for this person. */
export interface Cipher {
  /** How well: `memory` means not at all, and nothing is written then. */
  protection(): Promise<KeptWhere>
  encrypt(text: string): Promise<Buffer>
  /** @throws when the bytes are not its own, as after the system's keychain was made anew. */
  decrypt(bytes: Buffer): Promise<string>
}

/** Passwords and the like. They are handed out to the service alone, which gives them to the host that needs one. */
export interface SecretStore {
  /** @returns null when none is kept, or when it can no longer be decrypted. */
  read(owner: string): Promise<string | null>
  /** Keeps a secret, or forgets it for null. @returns where it is now. @throws RequestFailed `disk-full`. */
  write(owner: string, secret: string | null): Promise<KeptWhere>
}

/**
 * Keeps secrets in a file, each encrypted; in memory only, until the app ends, where nothing can encrypt.
 * @param file absolute path; it need not exist.
 * @param log told of a file or secret that cannot be read; never of what is in it.
 */
export function openSecretStore(file: string, cipher: Cipher, log: (line: string) => void): SecretStore {
  const inMemory = new Map<string, string>()
  let last: Promise<unknown> = Promise.resolve()

  /** One at a time: each change is made to what the one before has left. */
  function inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }

  async function load(): Promise<StoredSecrets> {
    let text: string
    try {
      text = await readFile(file, 'utf8')
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return {}
      throw error
    }
    try {
      return storedSecrets.parse(JSON.parse(text))
    } catch {
      const aside = `${file}.damaged`
      await rename(file, aside)
      log(
        `The saved passwords cannot be read; the file was put aside as ${aside}. They have to be saved again.`,
      )
      return {}
    }
  }

  /** Whole or not at all: the file is written beside and takes the old one's place. */
  async function save(secrets: StoredSecrets): Promise<void> {
    const beside = `${file}.new`
    try {
      await mkdir(dirname(file), { recursive: true, mode: FOLDER_MODE })
      const handle = await open(beside, 'w', FILE_MODE)
      try {
        await handle.writeFile(JSON.stringify(secrets))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(beside, file)
    } catch (error) {
      await rm(beside, { force: true })
      throw explained(error, file)
    }
  }

  return {
    read: (owner) =>
      inTurn(async () => {
        const remembered = inMemory.get(owner)
        if (remembered !== undefined) return remembered
        const encrypted = (await load())[owner]
        if (encrypted === undefined || (await cipher.protection()) === 'memory') return null
        try {
          return await cipher.decrypt(Buffer.from(encrypted, 'base64'))
        } catch {
          log(`The saved password of ${owner} cannot be decrypted any more. It has to be saved again.`)
          return null
        }
      }),
    write: (owner, secret) =>
      inTurn(async () => {
        const protection = await cipher.protection()
        inMemory.delete(owner)
        if (secret !== null && protection === 'memory') inMemory.set(owner, secret)
        const { [owner]: old, ...others } = await load()
        if (secret !== null && protection !== 'memory') {
          const encrypted = await cipher.encrypt(secret)
          await save({ ...others, [owner]: encrypted.toString('base64') })
        } else if (old !== undefined) await save(others)
        return protection
      }),
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function explained(error: unknown, file: string): unknown {
  const code = codeOf(error)
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return failed(
    'disk-full',
    `The disk is full: the password could not be saved to ${file}. Free some space and save it again.`,
    { engineCode: code },
  )
}
