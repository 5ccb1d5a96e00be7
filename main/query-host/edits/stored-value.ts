import Database from 'better-sqlite3'
import type { EditValue } from '#contract/edits.ts'
import { bindable } from '../bind-params.ts'
import { binding } from '../binding.ts'
import type { Connection } from '../database-failure.ts'
import type { EditedColumn } from './edited-table.ts'
import { bound, sql } from './fragment.ts'

const AFFINITIES = ['INTEGER', 'REAL', 'TEXT', 'BLOB', 'NUMERIC', 'ANY'] as const
type Affinity = (typeof AFFINITIES)[number]

/** Tells what columns make of values. */
export interface Storage {
  /** @throws an engine error for a value that a strict column does not take. */
  stored(value: EditValue, column: EditedColumn): EditValue
  close(): void
}

interface StoredRow {
  readonly type: 'null' | 'integer' | 'real' | 'text' | 'blob'
  readonly value: bigint | number | string | Buffer | null
  readonly bytes: Buffer | null
}

/**
 * Opens a database in memory with a column of each affinity, so that SQLite itself says what it stores.
 * @param connection to the database that is edited, for its encoding.
 */
export function openStorage(connection: Connection, strict: boolean): Storage {
  const memory = new Database(':memory:', binding())
  const encoding = String(connection.pragma('encoding', { simple: true }))
  memory.pragma(`encoding = "${encoding}"`)
  const affinities = AFFINITIES.filter((affinity) => affinity !== (strict ? 'NUMERIC' : 'ANY'))
  for (const affinity of affinities) {
    memory.exec(`CREATE TABLE ${affinity} (v ${affinity}) ${strict ? 'STRICT' : ''}`)
  }
  return {
    stored(value, column) {
      if (value === null || (typeof value === 'object' && 'blob' in value && !strict)) return value
      const table = affinityOf(column.declaredType, strict)
      const insert = bound(sql`VALUES (${{ value }})`)
      memory.prepare(`DELETE FROM ${table}`).run()
      memory.prepare(`INSERT INTO ${table} ${insert.sql}`).run(...bindable(insert.sql, insert.params))
      const row = memory
        .prepare<[], StoredRow>(
          `SELECT typeof(v) AS type, v AS value, CAST(v AS BLOB) AS bytes FROM ${table}`,
        )
        .safeIntegers()
        .get()
      return row ? editValueOf(row, encoding) : null
    },
    close: () => memory.close(),
  }
}

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
function affinityOf(declaredType: string, strict: boolean): Affinity {
  const type = declaredType.toUpperCase()
  if (strict) return type === 'INT' ? 'INTEGER' : (AFFINITIES.find((affinity) => affinity === type) ?? 'ANY')
  if (type.includes('INT')) return 'INTEGER'
  if (/CHAR|CLOB|TEXT/.test(type)) return 'TEXT'
  if (type === '' || type.includes('BLOB')) return 'BLOB'
  if (/REAL|FLOA|DOUB/.test(type)) return 'REAL'
  return 'NUMERIC'
}

function editValueOf({ type, value, bytes }: StoredRow, encoding: string): EditValue {
  switch (type) {
    case 'null':
      return null
    case 'integer':
      return { integer: String(value) }
    case 'real':
      return { real: realOf(Number(value)) }
    case 'blob':
      return { blob: (bytes ?? Buffer.alloc(0)).toString('hex') }
    case 'text': {
      const text = String(value)
      const exact = bytes ?? Buffer.alloc(0)
      return encoded(text, encoding).equals(exact) ? text : { text: exact.toString('hex') }
    }
    default:
      return type satisfies never
  }
}

function realOf(real: number): number | 'Infinity' | '-Infinity' {
  if (Number.isFinite(real)) return real
  return real > 0 ? 'Infinity' : '-Infinity'
}

function encoded(text: string, encoding: string): Buffer {
  if (encoding === 'UTF-8') return Buffer.from(text)
  const bytes = Buffer.from(text, 'utf16le')
  return encoding === 'UTF-16be' ? bytes.swap16() : bytes
}
