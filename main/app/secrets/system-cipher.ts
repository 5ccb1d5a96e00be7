import { safeStorage } from 'electron'
import type { KeptWhere } from '#contract/supervision.ts'
import type { Cipher } from './secret-store.ts'

/** The older of the runtimes has only these, which the newer one calls deprecated. */
interface BlockingStorage {
  isEncryptionAvailable(): boolean
  encryptString(text: string): Buffer
  decryptString(bytes: Buffer): string
}
const blocking: BlockingStorage = safeStorage
const isWaiting = 'encryptStringAsync' in safeStorage

/** Encrypts with a key from the system's keychain. Ask it only after `ready`. */
export const systemCipher: Cipher = {
  protection,
  encrypt: async (text) => (isWaiting ? safeStorage.encryptStringAsync(text) : blocking.encryptString(text)),
  decrypt: async (bytes) =>
    isWaiting ? (await safeStorage.decryptStringAsync(bytes)).result : blocking.decryptString(bytes),
}

/**
 * Without a keyring, Linux has only `basic_text`, whose key is in Electron itself and protects from nobody who looks.
 * https://www.electronjs.org/docs/latest/api/safe-storage
 */
async function protection(): Promise<KeptWhere> {
  const available = isWaiting
    ? await safeStorage.isAsyncEncryptionAvailable()
    : blocking.isEncryptionAvailable()
  if (!available) return 'memory'
  return process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text'
    ? 'obscured'
    : 'keychain'
}
