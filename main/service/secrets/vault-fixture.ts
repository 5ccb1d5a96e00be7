import { openVault } from './vault.ts'

/** A vault whose key outlives its process, as that of a keychain does. */
export const testVault = () =>
  openVault({ read: () => Promise.resolve('a key for tests'), write: () => Promise.resolve('keychain') })
