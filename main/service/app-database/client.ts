import { Worker } from 'node:worker_threads'
import { failed, RequestFailed } from '#kit/request-failed.ts'
import type { Asked, Told, WorkerStart } from './messages.ts'
import type { OperationName, OperationParams, OperationResult } from './operations.ts'

export interface AppDatabaseOptions extends WorkerStart {
  /** Of the worker's entry file: the bundle's, or the source where TypeScript is run directly. */
  readonly worker: URL
}

/** The app database, seen from the service's own thread. */
export interface AppDatabase {
  /** Performs an operation; resolves once its commit is on disk. @throws RequestFailed */
  ask<N extends OperationName>(name: N, ...params: OperationParams<N>): Promise<OperationResult<N>>
  /** Counts since opening: fewer commits than requests say that groups were made. */
  readonly counts: { readonly requests: number; readonly commits: number }
  /** Settles when the worker has ended without being asked to; nothing works after that, and the service should end. */
  readonly lost: Promise<Error>
  /** Finishes what was asked, closes the file and ends the worker. */
  close(): Promise<void>
}

interface Pending {
  resolve(value: unknown): void
  reject(error: Error): void
}

/**
 * Opens the app database in a worker thread.
 * @throws RequestFailed `database` when it is damaged, of a newer version, or cannot be written; `disk-full`.
 */
export function openAppDatabase({ worker: entry, ...start }: AppDatabaseOptions): Promise<AppDatabase> {
  const { file } = start
  const worker = new Worker(entry, { workerData: start satisfies WorkerStart })
  const send = (asked: Asked): void => worker.postMessage(asked)
  const pending = new Map<number, Pending>()
  const counts = { requests: 0, commits: 0 }
  let nextId = 0
  let closing = false
  let ended: Error | undefined
  let tellLost: (error: Error) => void = () => undefined
  const lost = new Promise<Error>((resolve) => (tellLost = resolve))

  const database: AppDatabase = {
    counts,
    lost,
    async ask<N extends OperationName>(name: N, ...params: OperationParams<N>): Promise<OperationResult<N>> {
      const value = await new Promise<unknown>((resolve, reject) => {
        if (ended || closing)
          return reject(ended ?? failed('internal', `"${name}" was asked of a closed app database.`))
        const id = nextId++
        pending.set(id, { resolve, reject })
        counts.requests += 1
        send({ kind: 'operation', id, name, params: params[0] })
      })
      // The worker runs the very operation that this type was derived from.
      return value as OperationResult<N>
    },
    close() {
      if (ended) return Promise.resolve()
      closing = true
      return new Promise((resolve) => {
        worker.once('exit', () => resolve())
        send({ kind: 'close' })
      })
    },
  }

  return new Promise((resolve, reject) => {
    function end(error: Error): void {
      if (ended) return
      ended = error
      for (const asker of pending.values()) asker.reject(error)
      pending.clear()
      reject(error)
      if (!closing) tellLost(error)
    }
    worker.on('error', (error) =>
      end(failed('internal', `Offloop's own database "${file}" ended: ${String(error)}`)),
    )
    worker.on('exit', () =>
      end(failed('host-lost', `The thread of Offloop's own database "${file}" has ended.`)),
    )
    worker.on('message', (told: Told) => {
      switch (told.kind) {
        case 'ready':
          return resolve(database)
        case 'refused':
          return end(new RequestFailed(told.failure))
        case 'committed':
          counts.commits += 1
          for (const answer of told.answers) {
            const asker = pending.get(answer.id)
            pending.delete(answer.id)
            if (answer.ok) asker?.resolve(answer.value)
            else asker?.reject(new RequestFailed(answer.failure))
          }
          return
        case 'closed':
          return
        default:
          told satisfies never
      }
    })
  })
}
