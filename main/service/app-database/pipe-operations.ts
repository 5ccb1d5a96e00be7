import type { Database } from 'better-sqlite3'

/** A pipe as the app database has it: JSON texts, not yet validated. */
export interface PipeRow {
  readonly id: number
  readonly content: string
  readonly state: string
}

export function pipeOperations(db: Database) {
  const add = db.prepare<[string, string]>('INSERT INTO pipes (content, state, is_over) VALUES (?, ?, 0)')
  const save = db.prepare<[string, string, number, number]>(
    'UPDATE pipes SET content = ?, state = ?, is_over = ? WHERE id = ?',
  )
  const select = db.prepare<[number], PipeRow>('SELECT id, content, state FROM pipes WHERE id = ?')
  const unfinished = db.prepare<[], PipeRow>(
    'SELECT id, content, state FROM pipes WHERE is_over = 0 ORDER BY id',
  )

  return {
    /** Adds a pipe and answers its id. */
    'pipe.add'({ content, state }: Omit<PipeRow, 'id'>): number {
      return Number(add.run(content, state).lastInsertRowid)
    },
    'pipe.save'({ id, content, state, isOver }: PipeRow & { readonly isOver: boolean }): void {
      save.run(content, state, Number(isOver), id)
    },
    'pipe.get'({ id }: { readonly id: number }): PipeRow | undefined {
      return select.get(id)
    },
    /** Every pipe that is not over, oldest first. */
    'pipe.unfinished'(): PipeRow[] {
      return unfinished.all()
    },
  }
}
