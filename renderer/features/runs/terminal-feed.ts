import { gapMarker } from '#contract/output-gap.ts'
import type { RunId } from '#contract/run.ts'
import { MAX_READ_BYTES } from '#contract/output-read.ts'
import { askService } from '../../ipc/ask.ts'
import { follow } from '../../ipc/follow.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { serviceSession } from '../../ipc/sessions.ts'

/** Of a long output the end is drawn: a terminal keeps a few thousand lines. In bytes. */
const DRAWN_BYTES = 4 * 1024 * 1024

export interface TerminalFeed {
  /** Draws bytes; the next ones come when it has. */
  readonly draw: (bytes: Uint8Array) => Promise<void>
  readonly onTrouble: (message: string | undefined) => void
}

/** Draws the output of an attempt while it grows. @returns ends that. */
export function feedTerminal(id: RunId, attempt: number, { draw, onTrouble }: TerminalFeed): () => void {
  const ending = new AbortController()
  let at: number | undefined
  let size = 0
  let reading = false

  async function read(): Promise<void> {
    if (reading) return
    reading = true
    try {
      while (at !== undefined && at < size && !ending.signal.aborted) {
        const asked = { id, attempt, from: at, count: MAX_READ_BYTES }
        const { bytes, from, gone } = await askService('output.read', asked, { signal: ending.signal })
        if (bytes.length === 0) break
        if (gone > 0) await draw(new TextEncoder().encode(gapMarker({ from: from - gone, to: from })))
        at = from + bytes.length
        await draw(bytes)
      }
      onTrouble(undefined)
    } catch (error) {
      if (!ending.signal.aborted) onTrouble(messageOf(error))
    } finally {
      reading = false
    }
  }

  function take({ bytes }: { readonly bytes: number }): void {
    size = bytes
    at ??= Math.max(0, size - DRAWN_BYTES)
    void read()
  }

  const unfollow = follow(serviceSession, {
    open: (client, signal) => client.stream('output.watch', { id }, { signal, credit: 1 }),
    onItem: take,
    onEnd: take,
    onTrouble: ({ message }) => onTrouble(message),
  })
  return () => {
    ending.abort()
    unfollow()
  }
}
