import { shallowRef } from 'vue'

/** A message that stays until the person closes it. */
export interface Toast {
  readonly id: number
  readonly kind: 'error' | 'done'
  readonly title: string
  /** What happened and what to do; empty when the title says all. */
  readonly message: string
}

/** How long a message of something done stays; an error stays until it is closed. */
const DONE_STAYS_MS = 4_000
/** More at once would cover the work; the oldest is closed. */
const MAX_TOASTS = 4

export const toasts = shallowRef<readonly Toast[]>([])

let nextId = 1

/** Shows an error until the person closes it; the same one again is not shown twice. */
export function showError(title: string, message = ''): void {
  if (toasts.value.some((toast) => toast.title === title && toast.message === message)) return
  add({ id: nextId++, kind: 'error', title, message })
}

/** Shows for a short while that something was done. */
export function showDone(title: string): void {
  const id = nextId++
  add({ id, kind: 'done', title, message: '' })
  setTimeout(() => closeToast(id), DONE_STAYS_MS)
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

function add(toast: Toast): void {
  toasts.value = [...toasts.value, toast].slice(-MAX_TOASTS)
}
