import { Worker } from 'node:worker_threads'
import type { ItemOf, ResultOf } from '#contract/channel.ts'
import type { ServiceContract } from '#contract/service.ts'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { StreamContext } from '#kit/serve.ts'
import type { DiffStart, DiffTold } from './diff-messages.ts'

/** Each takes a thread with its memory, and a core. */
const MOST_DIFFS = 2

type Item = ItemOf<ServiceContract, 'output.diff'>
type Result = ResultOf<ServiceContract, 'output.diff'>

/** The comparisons of outputs, each in a thread of its own. */
export interface Diffs {
  /** Compares two outputs; ends at once when the signal is aborted. @throws RequestFailed `queue-full`, or the signal's reason. */
  diff(start: DiffStart, context: Pick<StreamContext<Item>, 'signal' | 'emit'>): Promise<Result>
}

/** @param entry the comparing thread's file. */
export function openDiffs(entry: URL): Diffs {
  let running = 0

  async function diff(
    start: DiffStart,
    { signal, emit }: Pick<StreamContext<Item>, 'signal' | 'emit'>,
  ): Promise<Result> {
    signal.throwIfAborted()
    const thread = new Worker(entry, { workerData: start })
    const { promise, resolve, reject } = Promise.withResolvers<Result>()
    async function hear(told: DiffTold): Promise<void> {
      switch (told.kind) {
        case 'found':
          await emit(told.item)
          return thread.postMessage('more')
        case 'done':
          return resolve(told.result)
        case 'failed':
          return reject(new RequestFailed(told.failure))
        default:
          told satisfies never
      }
    }
    thread.on('message', (told: DiffTold) => void hear(told).catch(reject))
    thread.on('error', reject)
    thread.on('exit', () => reject(failed('internal', 'The comparison ended by itself. Compare again.')))
    const onAbort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort)
    try {
      return await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
      thread.removeAllListeners()
      await thread.terminate()
    }
  }

  return {
    async diff(start, context) {
      if (running >= MOST_DIFFS)
        throw failed(
          'queue-full',
          `${MOST_DIFFS} comparisons go on already. Wait for one of them or close it, then compare again.`,
        )
      running += 1
      try {
        return await diff(start, context)
      } finally {
        running -= 1
      }
    },
  }
}
