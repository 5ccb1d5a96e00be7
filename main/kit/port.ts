/**
 * One end of a two-way line between two processes, whatever carries it: a MessagePort of the page, of Node or of
 * Electron's main and utility processes, or one request's share of such a port. Adapters make one from each.
 *
 * Messages are structured clones. An ArrayBuffer is always copied, never transferred: between processes a transferred
 * one arrives as null. Only ports are transferred.
 */
export interface Port {
  /** Sends a message, with ports that leave this process for good. Sending on a closed port does nothing. */
  post(message: unknown, ports?: readonly Port[]): void
  /** Sets the one listener; messages that came before wait for it. */
  onMessage(listener: (message: unknown, ports: readonly Port[]) => void): void
  /** Adds a listener that is called once, when either end has closed or the other process has died. */
  onClose(listener: () => void): void
  /** Closes both ends. Closing twice does nothing. */
  close(): void
  /** What the platform transfers in place of this port; undefined for a port that cannot be transferred. */
  readonly transferable?: unknown
}
