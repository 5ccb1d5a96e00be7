import type { Database } from 'better-sqlite3'
import type { RunFilter, RunOrder } from '#contract/run-list.ts'
import type { TimelinePicture } from '#contract/timeline.ts'
import { drawTimeline, TIMELINE_SQL, type Ran } from './draw-timeline.ts'

/** What a person reads of a run, which is what they look for. Only texts that are JSON are taken apart. */
const TEXT = `CASE kind
  WHEN 'query' THEN json_extract(spec, '$.sql')
  WHEN 'command' THEN coalesce(
    json_extract(spec, '$.command.line'),
    json_extract(spec, '$.command.program') || ' ' ||
      coalesce((SELECT group_concat(value, ' ') FROM json_each(spec, '$.command.args')), ''))
  ELSE coalesce(json_extract(spec, '$.transfer.source.sql'), '') || ' ' ||
    coalesce(json_extract(spec, '$.transfer.file'), '') || ' ' || coalesce(json_extract(spec, '$.transfer.table'), '')
END`

const ORDERS: Readonly<Record<RunOrder['by'], string>> = {
  id: 'id',
  state: 'state_kind',
  text: `lower(${TEXT})`,
  pool: `json_extract(terms, '$.pool')`,
  priority: `json_extract(terms, '$.priority')`,
  started: `json_extract(state, '$.startedAt')`,
  duration: `coalesce(json_extract(state, '$.durationMs'), @now - json_extract(state, '$.startedAt'))`,
}

/** How often the same search is asked for again while a list is on screen is once a second: a few kinds of it at a time. */
const KEPT_STATEMENTS = 20

type Values = Readonly<Record<string, string | number>>

/** Operations over the whole history; meant for the connection that only reads. */
export function listOperations(db: Database) {
  const statements = new Map<string, ReturnType<typeof prepare>>()

  function prepare(sql: string) {
    return db.prepare<[Values], number>(sql).pluck()
  }
  function prepared(sql: string) {
    const known = statements.get(sql)
    if (known) return known
    const [oldest] = statements.keys()
    if (statements.size >= KEPT_STATEMENTS && oldest !== undefined) statements.delete(oldest)
    const made = prepare(sql)
    statements.set(sql, made)
    return made
  }

  const ran = db.prepare<[{ from: number; to: number; now: number }], Ran>(TIMELINE_SQL)

  return {
    /** Who ran between two moments, each attempt by itself. */
    'runs.timeline'({ from, to }: { readonly from: number; readonly to: number }): TimelinePicture {
      return drawTimeline(ran.iterate({ from, to, now: Date.now() }), from, to)
    },

    /** The ids of the runs that fit, in order, at most `limit`. */
    'runs.find'({
      filter,
      order,
      limit,
    }: {
      readonly filter: RunFilter
      readonly order: RunOrder
      readonly limit: number
    }): Float64Array<ArrayBuffer> {
      const { conditions, values } = conditionsOf(filter)
      const direction = order.descending ? 'DESC' : 'ASC'
      const sql = `SELECT id FROM runs WHERE json_valid(spec) AND ${conditions.join(' AND ')}
        ORDER BY ${ORDERS[order.by]} ${direction} NULLS LAST, id ${order.by === 'id' ? direction : 'DESC'} LIMIT @limit`
      return Float64Array.from(prepared(sql).all({ ...values, limit, now: Date.now() }))
    },
  }
}

function conditionsOf({ states, kind, pool, text }: RunFilter): { conditions: string[]; values: Values } {
  // Looks at a result are no part of the history.
  const conditions = [`(instr(spec, '"derivedFrom":') = 0 OR json_extract(spec, '$.derivedFrom') IS NULL)`]
  const values: Record<string, string | number> = {}
  if (states) {
    conditions.push('state_kind IN (SELECT value FROM json_each(@states))')
    values['states'] = JSON.stringify(states)
  }
  if (kind !== undefined) {
    conditions.push('kind = @kind')
    values['kind'] = kind
  }
  if (pool !== undefined) {
    conditions.push(`json_extract(terms, '$.pool') = @pool`)
    values['pool'] = pool
  }
  const words = (text ?? '').split(/\s+/u).filter(Boolean)
  for (const [at, word] of words.entries()) {
    conditions.push(`(${TEXT}) LIKE @word${at} ESCAPE '\\'`)
    values[`word${at}`] = `%${word.replace(/[\\%_]/gu, '\\$&')}%`
  }
  return { conditions, values }
}
