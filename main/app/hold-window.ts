import { app } from 'electron'
import type { StreamContext } from '#kit/serve.ts'

/** An event that was prevented already is not for the page: something else is asked first. */
interface Attempt {
  readonly defaultPrevented: boolean
  preventDefault(): void
}
type OnClose = (event: Attempt) => void

/** What a window that can be held does. */
export interface HeldWindow {
  on(event: 'close', listener: OnClose): unknown
  off(event: 'close', listener: OnClose): unknown
}

/**
 * Keeps a window open for as long as its page asks for that, and tells the page whenever somebody wants to close it or to
 * quit. A page that is gone holds nothing.
 * @throws the signal's reason, when the page lets go.
 */
export async function holdWindow(
  window: HeldWindow,
  { emit, signal }: Pick<StreamContext<{ quitting: boolean }>, 'emit' | 'signal'>,
): Promise<never> {
  const state = { quitting: false, wanted: false }
  let wake: (() => void) | undefined
  const onQuit = (event: Attempt): void => {
    if (!event.defaultPrevented) state.quitting = true
  }
  const onClose: OnClose = (event) => {
    if (event.defaultPrevented) return
    event.preventDefault()
    state.wanted = true
    wake?.()
  }
  const onAbort = (): void => wake?.()
  app.on('before-quit', onQuit)
  window.on('close', onClose)
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      while (!state.wanted && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      signal.throwIfAborted()
      const { quitting } = state
      Object.assign(state, { quitting: false, wanted: false })
      await emit({ quitting })
    }
  } finally {
    app.off('before-quit', onQuit)
    window.off('close', onClose)
    signal.removeEventListener('abort', onAbort)
  }
}
