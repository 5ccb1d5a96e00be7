import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { TaskResults, ThreadTask, ThreadTold } from './messages.ts'

/**
 * Has a thread of its own do something long with the app database or its backups.
 * @param entry the thread's file
 * @param signal ends it half-way; what it has left is removed by the next one.
 * @throws RequestFailed `database` when the database is damaged, `disk-full`, `not-found`, `host-lost` when the thread ended
 *   without a word; the signal's reason.
 */
export async function askThread<T extends ThreadTask>(
  entry: URL,
  task: T,
  signal: AbortSignal,
): Promise<TaskResults[T['kind']]> {
  signal.throwIfAborted()
  const thread = new Worker(entry, { workerData: task })
  let told: ThreadTold | undefined
  thread.on('message', (message: ThreadTold) => (told = message))
  const end = (): void => void thread.terminate()
  signal.addEventListener('abort', end, { once: true })
  try {
    // Rejects with what the thread itself could not catch.
    await once(thread, 'exit')
  } finally {
    signal.removeEventListener('abort', end)
  }
  signal.throwIfAborted()
  switch (told?.kind) {
    case 'done':
      // The thread performs the very task that this type is of.
      return told.value as TaskResults[T['kind']]
    case 'failed':
      throw new RequestFailed(told.failure)
    case undefined:
      throw failed('host-lost', `The thread that was at work on "${task.file}" has ended.`)
    default:
      return told satisfies never
  }
}
