import type { Database } from 'better-sqlite3'

/** A schedule as the app database has it, not yet validated. */
export interface ScheduleRow {
  readonly id: number
  readonly content: string
  /** The whole environment of its asker, as JSON; null for Offloop's own. */
  readonly variables: string | null
  /** Milliseconds since 1970; null when it does not fire any more. */
  readonly next_at: number | null
}

export function scheduleOperations(db: Database) {
  const list = db.prepare<[], ScheduleRow>(
    `SELECT schedules.id, content, variables, next_at FROM schedules
     LEFT JOIN environments ON environments.id = environment ORDER BY schedules.id`,
  )
  const keepEnvironment = db.prepare<[string]>(
    'INSERT INTO environments (variables) VALUES (?) ON CONFLICT DO NOTHING',
  )
  const add = db.prepare<[string, string | null, number | null]>(
    `INSERT INTO schedules (content, environment, next_at)
     VALUES (?, (SELECT id FROM environments WHERE variables = ?), ?)`,
  )
  const setNext = db.prepare<[number | null, number]>('UPDATE schedules SET next_at = ? WHERE id = ?')
  const remove = db.prepare<[number]>('DELETE FROM schedules WHERE id = ?')

  return {
    'schedule.list'(): ScheduleRow[] {
      return list.all()
    },
    /** Adds a schedule and answers its id. */
    'schedule.add'(schedule: {
      readonly content: string
      readonly variables: string | null
      readonly nextAt: number | null
    }): number {
      if (schedule.variables !== null) keepEnvironment.run(schedule.variables)
      return Number(add.run(schedule.content, schedule.variables, schedule.nextAt).lastInsertRowid)
    },
    'schedule.setNext'({ id, nextAt }: { readonly id: number; readonly nextAt: number | null }): void {
      setNext.run(nextAt, id)
    },
    'schedule.remove'({ id }: { readonly id: number }): boolean {
      return remove.run(id).changes > 0
    },
  }
}
