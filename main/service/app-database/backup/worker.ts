import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from '#kit/request-failed.ts'
import { databaseFailure } from '../damage.ts'
import { describeBackups } from '../recovery/describe-backups.ts'
import { replaceDatabase } from '../recovery/replace-database.ts'
import { backupFolder } from './kept-backups.ts'
import { makeBackup } from './make-backup.ts'
import type { TaskResults, ThreadTask, ThreadTold } from './messages.ts'

/** A thread that does one task on the app database or its backups and ends: it may wait for the disk as long as it takes. */
if (!parentPort) throw new Error('This file runs only as a worker thread of the service.')
const port = parentPort
const task = workerData as ThreadTask
const tell = (told: ThreadTold): void => port.postMessage(told)

try {
  tell({ kind: 'done', value: await perform(task) })
} catch (error) {
  tell({ kind: 'failed', failure: failureOf(databaseFailure(error, task.file)) })
}

function perform(task: ThreadTask): Promise<TaskResults[ThreadTask['kind']]> {
  switch (task.kind) {
    case 'back-up':
      return makeBackup(task.file, backupFolder(task.file), task.at)
    case 'describe':
      return describeBackups(backupFolder(task.file))
    case 'replace':
      return replaceDatabase(task)
    default:
      return task satisfies never
  }
}
