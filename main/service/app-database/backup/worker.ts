import { parentPort, workerData } from 'node:worker_threads'
import { failureOf } from '#kit/request-failed.ts'
import { databaseFailure } from '../damage.ts'
import { backupFolder } from './kept-backups.ts'
import { makeBackup } from './make-backup.ts'
import type { BackupStart, BackupTold } from './messages.ts'

/** A thread that makes one backup of the app database and ends: it may wait for the disk as long as it takes. */
if (!parentPort) throw new Error('This file runs only as a worker thread of the service.')
const port = parentPort
const { file, at } = workerData as BackupStart
const tell = (told: BackupTold): void => port.postMessage(told)

try {
  tell({ kind: 'made', backup: await makeBackup(file, backupFolder(file), at) })
} catch (error) {
  tell({ kind: 'failed', failure: failureOf(databaseFailure(error, file)) })
}
