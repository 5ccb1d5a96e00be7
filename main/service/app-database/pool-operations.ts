import type { Database } from 'better-sqlite3'

/** A pool as the app database has it. */
export interface PoolRow {
  readonly name: string
  readonly concurrency: number | null
  readonly capacity: number
  readonly paused: number
  readonly closed: number
}

export function poolOperations(db: Database) {
  const list = db.prepare<[], PoolRow>(
    'SELECT name, concurrency, capacity, paused, closed FROM pools ORDER BY name',
  )
  const save = db.prepare<PoolRow>(
    `INSERT INTO pools (name, concurrency, capacity, paused, closed)
     VALUES (@name, @concurrency, @capacity, @paused, @closed)
     ON CONFLICT (name) DO UPDATE SET concurrency = excluded.concurrency, capacity = excluded.capacity,
       paused = excluded.paused, closed = excluded.closed`,
  )
  const addBatch = db.prepare<[number]>('INSERT INTO batches (created_at) VALUES (?)')

  return {
    'pool.list'(): PoolRow[] {
      return list.all()
    },
    'pool.save'(pool: PoolRow): void {
      save.run(pool)
    },
    /** Gives a batch its id, which no other batch ever gets. */
    'batch.add'({ at }: { readonly at: number }): number {
      return Number(addBatch.run(at).lastInsertRowid)
    },
  }
}
