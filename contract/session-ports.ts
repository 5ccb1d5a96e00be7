/** The name of the one message between main and the preload script: "ready" one way, a session port the other. */
export const readyMessage = 'offloop:sessions'

/** Whom a session port of the page leads to. */
export type SessionRole = 'app' | 'service'

/** What the preload script posts into the page beside each session port. */
export interface SessionDelivery {
  readonly offloop: 'session'
  readonly role: SessionRole
}

/** What the page posts to the preload script once it listens. */
export interface PageReady {
  readonly offloop: 'ready'
}

/** What the preload script puts on the page's window, as `offloop`. */
export interface OffloopBridge {
  /** The absolute path of a file that the person dropped; empty for one that is not on disk. */
  pathForFile(file: File): string
  readonly platform: 'linux' | 'darwin' | 'win32'
}
