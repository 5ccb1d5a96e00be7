import { watch, type ShallowRef } from 'vue'
import type { Contract } from '#contract/channel.ts'
import type { Failure } from '#contract/failure.ts'
import type { Client, RequestStream } from '#kit/client.ts'
import { failureOf } from '#kit/request-failed.ts'

/** Before a stream that ended on a living session is opened again: soon for a person, rare for a machine. */
const REOPEN_AFTER_MS = 1_000

/** What is done with a stream that is followed. */
export interface Following<C extends Contract, I, R> {
  /** Opens the stream on a session; its signal is aborted when following ends. */
  open(client: Client<C>, signal: AbortSignal): RequestStream<I, R>
  onItem(item: I): void
  /** The stream has said all that it has to say, as that of a finished log does. */
  onEnd?(result: R): void
  /** A failure other than the end of the session. Another try follows, unless the thing itself is not there. */
  onTrouble?(failure: Failure): void
}

/**
 * Keeps a stream open for as long as the page wants it: on each new session it is opened again.
 * @returns ends the following.
 */
export function follow<C extends Contract, I, R>(
  session: ShallowRef<Client<C> | undefined>,
  following: Following<C, I, R>,
): () => void {
  let current: AbortController | undefined
  let ended = false

  const unwatch = watch(
    session,
    (client) => {
      current?.abort()
      current = undefined
      if (!client || ended) return
      const controller = (current = new AbortController())
      void read(client, controller.signal)
    },
    { immediate: true },
  )

  async function read(client: Client<C>, signal: AbortSignal): Promise<void> {
    const isOver = (): boolean => signal.aborted
    while (!isOver()) {
      try {
        const stream = following.open(client, signal)
        for await (const item of stream) {
          if (isOver()) return
          following.onItem(item)
        }
        const result = await stream.result
        ended = true
        return following.onEnd?.(result)
      } catch (error) {
        const failure = failureOf(error)
        if (isOver() || failure.code === 'host-lost' || failure.code === 'cancelled') return
        following.onTrouble?.(failure)
        if (failure.code === 'not-found') return
      }
      await new Promise((resolve) => setTimeout(resolve, REOPEN_AFTER_MS))
    }
  }

  return () => {
    unwatch()
    current?.abort()
  }
}
