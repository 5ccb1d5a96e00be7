import type { Database } from 'better-sqlite3'
import { databaseOperations } from './database-operations.ts'
import { listOperations } from './list-operations.ts'
import { pipeOperations } from './pipe-operations.ts'
import { poolOperations } from './pool-operations.ts'
import { runOperations } from './run-operations.ts'
import { savedQueryOperations } from './saved-query-operations.ts'
import { scheduleOperations } from './schedule-operations.ts'
import { settingOperations } from './setting-operations.ts'
import { templateOperations } from './template-operations.ts'

/** Prepares everything that may be asked of the app database, by name. SQL exists only behind these names. */
export function prepareOperations(db: Database) {
  return {
    ...runOperations(db),
    ...listOperations(db),
    ...databaseOperations(db),
    ...settingOperations(db),
    ...poolOperations(db),
    ...pipeOperations(db),
    ...scheduleOperations(db),
    ...templateOperations(db),
    ...savedQueryOperations(db),
  }
}

type Operations = ReturnType<typeof prepareOperations>
export type OperationName = keyof Operations
/** None, or one object. */
export type OperationParams<N extends OperationName> = Parameters<Operations[N]>
export type OperationResult<N extends OperationName> = ReturnType<Operations[N]>
