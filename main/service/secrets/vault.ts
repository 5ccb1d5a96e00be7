import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { z } from 'zod'
import {
  looksSecret,
  sealed,
  type EnvironmentChange,
  type Hideable,
  type Sealed,
} from '#contract/environment.ts'
import type { CommandSpec } from '#contract/run.ts'
import type { KeptWhere } from '#contract/supervision.ts'
import { failed } from '#kit/request-failed.ts'

/** AES-256-GCM: sizes in bytes, as NIST SP 800-38D recommends them. */
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const CIPHER = 'aes-256-gcm'

/** A whole environment: its variables, or, all of it sealed; nobody has a variable `sealed` and no other. */
const variables = z.record(z.string(), z.string())
const whole = sealed.strict()

/** Where the key of a vault is kept: main, which has the system's keychain. */
export interface KeyKeeper {
  read(): Promise<string | null>
  write(key: string): Promise<KeptWhere>
}

/** Seals what must not lie on disk in plain, with one key that the system keeps for this person. */
export interface Vault {
  /** Where its key is: with `memory` nothing that it has sealed can be opened once Offloop has ended. */
  where(): Promise<KeptWhere>
  /** The changes of an environment with their values. @throws RequestFailed `not-found` when the key is not there any more. */
  openChanges(changes: CommandSpec['environment']): Promise<Record<string, string | null>>
  /** A command whose secrets, named or as their names look, are sealed. */
  sealSpec(spec: CommandSpec): Promise<CommandSpec>
  /**
   * The text in which a whole environment is stored: sealed when it has secrets, or may have them.
   * @param command that it is for. What is marked as a secret there was often taken from this very environment.
   */
  storeEnvironment(
    environment: Readonly<Record<string, string>>,
    command: Pick<CommandSpec, 'environment' | 'template'>,
  ): Promise<string>
  /** Reads what `storeEnvironment` has made. @throws RequestFailed `not-found` as above. */
  readEnvironment(stored: string): Promise<Record<string, string>>
}

export function openVault(keeper: KeyKeeper): Vault {
  let opening: Promise<{ encrypting: Buffer; marking: Buffer; kept: KeptWhere }> | undefined

  /** The key is made when it is needed for the first time. */
  function keys() {
    opening ??= (async () => {
      const found = await keeper.read()
      const key = found ?? randomBytes(KEY_BYTES).toString('base64')
      const kept = await keeper.write(key)
      const derived = (use: string): Buffer => createHmac('sha256', key).update(use).digest()
      return { encrypting: derived('encrypt'), marking: derived('nonce'), kept }
    })()
    opening.catch(() => (opening = undefined))
    return opening
  }

  /** The same text becomes the same bytes, so that a thousand runs of one shell share its environment. */
  async function seal(text: string): Promise<Sealed> {
    const { encrypting, marking } = await keys()
    // A nonce made of the text itself: the same text alone gives the same one, so none serves two texts.
    const nonce = createHmac('sha256', marking).update(text).digest().subarray(0, NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, encrypting, nonce)
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
    return { sealed: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64') }
  }

  async function open(secret: Sealed): Promise<string> {
    const { encrypting } = await keys()
    const bytes = Buffer.from(secret.sealed, 'base64')
    try {
      const decipher = createDecipheriv(CIPHER, encrypting, bytes.subarray(0, NONCE_BYTES))
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      const body = bytes.subarray(NONCE_BYTES + TAG_BYTES)
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    } catch {
      throw failed(
        'not-found',
        'Its secrets are not known any more: they were kept only until Offloop ended, because this system has no keychain, ' +
          'or the keychain was made anew. Start the command again with its secrets.',
      )
    }
  }

  async function sealValue(name: string, value: Hideable): Promise<Hideable> {
    if (typeof value === 'string') return looksSecret(name, value) ? seal(value) : value
    return 'secret' in value ? seal(value.secret) : value
  }
  const sealChange = async (name: string, change: EnvironmentChange): Promise<EnvironmentChange> =>
    change === null ? null : sealValue(name, change)

  return {
    where: async () => (await keys()).kept,
    async openChanges(changes) {
      const values = Object.entries(changes).map(async ([name, change]): Promise<[string, string | null]> => {
        if (change === null || typeof change === 'string') return [name, change]
        return [name, 'secret' in change ? change.secret : await open(change)]
      })
      return Object.fromEntries(await Promise.all(values))
    },
    async sealSpec(spec) {
      const { environment, template } = spec
      return {
        ...spec,
        environment: await sealAll(environment, sealChange),
        ...(template && { template: { ...template, values: await sealAll(template.values, sealValue) } }),
      }
    },
    async storeEnvironment(environment, command) {
      const text = JSON.stringify(environment)
      const isSecret =
        hasSecrets(command) || Object.entries(environment).some(([name, value]) => looksSecret(name, value))
      return isSecret ? JSON.stringify(await seal(text)) : text
    },
    async readEnvironment(stored) {
      const read: unknown = JSON.parse(stored)
      const secret = whole.safeParse(read)
      return variables.parse(secret.success ? JSON.parse(await open(secret.data)) : read)
    },
  }
}

function hasSecrets({ environment, template }: Pick<CommandSpec, 'environment' | 'template'>): boolean {
  const given = [...Object.values(environment), ...Object.values(template?.values ?? {})]
  return given.some((value) => value !== null && typeof value !== 'string')
}

async function sealAll<V>(
  values: Readonly<Record<string, V>>,
  one: (name: string, value: V) => Promise<V>,
): Promise<Record<string, V>> {
  const done = Object.entries(values).map(async ([name, value]) => [name, await one(name, value)] as const)
  return Object.fromEntries(await Promise.all(done))
}
