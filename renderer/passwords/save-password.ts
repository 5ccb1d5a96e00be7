import type { KeptWhere } from '#contract/supervision.ts'
import { askService } from '../ipc/ask.ts'
import { t } from '../messages/words.ts'
import { showDone, showError } from '../ui/toasts.ts'

/** Keeps a password, and says where it is now. @throws RequestFailed */
export async function savePassword(address: string, password: string): Promise<void> {
  const { kept } = await askService('database.savePassword', { address, password })
  if (kept === 'keychain') showDone(keptWords(kept))
  else showError(t('password.notInKeychain'), keptWords(kept))
}

function keptWords(kept: KeptWhere): string {
  switch (kept) {
    case 'keychain':
      return t('password.inKeychain')
    case 'obscured':
      return t('password.obscured')
    case 'memory':
      return t('password.inMemory')
    default:
      return kept satisfies never
  }
}
