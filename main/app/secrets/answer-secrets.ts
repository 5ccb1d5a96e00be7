import { join } from 'node:path'
import type { BrokerContract } from '#contract/supervision.ts'
import type { Handlers } from '#kit/serve.ts'
import { openSecretStore } from './secret-store.ts'
import { systemCipher } from './system-cipher.ts'

/** Answers the service's questions for secrets, from a file of the profile that the system's key encrypts. */
export function answerSecrets(
  profile: string,
  log: (line: string) => void,
): Pick<Handlers<BrokerContract>, 'secret.read' | 'secret.write'> {
  const store = openSecretStore(join(profile, 'secrets', 'passwords.json'), systemCipher, log)
  return {
    'secret.read': async ({ owner }) => ({ secret: await store.read(owner) }),
    'secret.write': async ({ owner, secret }) => ({ kept: await store.write(owner, secret) }),
  }
}
