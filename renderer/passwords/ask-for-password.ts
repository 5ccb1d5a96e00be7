import { shallowRef } from 'vue'

/** A server that turned somebody away, and what is tried again with a password. */
export interface PasswordQuestion {
  readonly address: string
  retry(): void
}

/** The question that is on the screen; undefined while there is none. */
export const passwordQuestion = shallowRef<PasswordQuestion>()

/**
 * Asks the person for the password of a server's user; when it is saved, `retry` does again what failed for want of it.
 * Several things that fail at once for the same server are one question.
 */
export function askForPassword(address: string, retry: () => void): void {
  const open = passwordQuestion.value
  if (open && open.address !== address) return
  passwordQuestion.value = {
    address,
    retry() {
      open?.retry()
      retry()
    },
  }
}
