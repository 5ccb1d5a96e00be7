import type { DatabaseEntry } from '#contract/database.ts'
import type { MessageKey } from '../../messages/words.ts'

/** Something to be done with a whole database, as a run. */
export interface Task {
  readonly id: 'integrity' | 'quick' | 'foreign-keys' | 'vacuum' | 'analyze' | 'reindex'
  readonly title: MessageKey
  /** What it does, and what it costs. */
  readonly hint: MessageKey
  readonly sql: string
  readonly mode: DatabaseEntry['mode']
  /** Its rows are what it has found wrong; one that says `ok` is none. */
  readonly isCheck: boolean
}

export const tasks: readonly Task[] = [
  {
    id: 'integrity',
    title: 'maintenance.integrity',
    hint: 'maintenance.integrityHint',
    sql: 'PRAGMA integrity_check',
    mode: 'read-only',
    isCheck: true,
  },
  {
    id: 'quick',
    title: 'maintenance.quick',
    hint: 'maintenance.quickHint',
    sql: 'PRAGMA quick_check',
    mode: 'read-only',
    isCheck: true,
  },
  {
    id: 'foreign-keys',
    title: 'maintenance.foreignKeys',
    hint: 'maintenance.foreignKeysHint',
    sql: 'PRAGMA foreign_key_check',
    mode: 'read-only',
    isCheck: true,
  },
  {
    id: 'analyze',
    title: 'maintenance.analyze',
    hint: 'maintenance.analyzeHint',
    sql: 'ANALYZE',
    mode: 'read-write',
    isCheck: false,
  },
  {
    id: 'vacuum',
    title: 'maintenance.vacuum',
    hint: 'maintenance.vacuumHint',
    sql: 'VACUUM',
    mode: 'read-write',
    isCheck: false,
  },
  {
    id: 'reindex',
    title: 'maintenance.reindex',
    hint: 'maintenance.reindexHint',
    sql: 'REINDEX',
    mode: 'read-write',
    isCheck: false,
  },
]
