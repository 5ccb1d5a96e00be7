import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { Backup } from './kept-backups.ts'
import type { BackupStart, BackupTold } from './messages.ts'

/**
 * Has a thread of its own back the app database up.
 * @param entry the thread's file
 * @param signal ends it half-way; what it has left is removed by the next one.
 * @throws RequestFailed `database` when the database is damaged, `disk-full`, `host-lost` when the thread ended without a
 *   word; the signal's reason.
 */
export async function backUpInThread(entry: URL, start: BackupStart, signal: AbortSignal): Promise<Backup> {
  signal.throwIfAborted()
  const thread = new Worker(entry, { workerData: start })
  let told: BackupTold | undefined
  thread.on('message', (message: BackupTold) => (told = message))
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
    case 'made':
      return told.backup
    case 'failed':
      throw new RequestFailed(told.failure)
    case undefined:
      throw failed('host-lost', `The thread that backs "${start.file}" up has ended.`)
    default:
      return told satisfies never
  }
}
