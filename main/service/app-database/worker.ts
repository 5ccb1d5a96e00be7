import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from '#kit/request-failed.ts'
import { openForReading } from './connect.ts'
import { groupCommit } from './group-commit.ts'
import type { Asked, Told, WorkerStart } from './messages.ts'
import { openDatabase } from './open.ts'
import { prepareOperations } from './operations.ts'

/** The thread that holds the app database: it may wait for the disk, so that the service never does. */
if (!parentPort) throw new Error('This file runs only as a worker thread of the service.')
const port = parentPort
const tell = (message: Told): void => port.postMessage(message)

const start = workerData as WorkerStart

try {
  const db = start.readOnly ? openForReading(start.file) : await openDatabase(start)
  const group = groupCommit({
    db,
    operations: prepareOperations(db),
    onCommitted: (answers) => tell({ kind: 'committed', answers }),
    onSlow: (name, milliseconds) =>
      console.error(`App database: "${name}" took ${Math.round(milliseconds)} ms.`),
  })
  port.on('message', (asked: Asked) => {
    switch (asked.kind) {
      case 'operation':
        return group.add(asked)
      case 'close':
        group.flush()
        db.close()
        tell({ kind: 'closed' })
        return port.close()
      default:
        asked satisfies never
    }
  })
  tell({ kind: 'ready' })
} catch (error) {
  tell({ kind: 'refused', failure: failureOf(error) })
  port.close()
}
