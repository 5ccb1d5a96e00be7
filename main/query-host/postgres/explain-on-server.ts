import type pg from 'pg'
import { z } from 'zod'
import type { PlanStep } from '#contract/database.ts'
import { numberParameters } from '#contract/sql/server-parameters.ts'
import { failed } from '#kit/request-failed.ts'
import { refusal } from '../database-failure.ts'
import { statementKeyword } from '../statement-keyword.ts'
import type { BoundStatement } from './bind-values.ts'

/** With parameters the server makes a plan for whatever values they may have, which it does for prepared ones only. */
export const PREPARED_PLAN = 'offloop_plan'

/** A node of a plan, as far as it is shown: https://www.postgresql.org/docs/current/sql-explain.html */
interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string | undefined
  readonly Schema?: string | undefined
  readonly Alias?: string | undefined
  readonly 'Function Name'?: string | undefined
  readonly 'CTE Name'?: string | undefined
  readonly 'Index Name'?: string | undefined
  readonly 'Join Type'?: string | undefined
  readonly 'Plan Rows': number
  readonly 'Total Cost': number
  readonly Plans?: readonly PlanNode[] | undefined
  readonly [detail: string]: unknown
}

const planNode: z.ZodType<PlanNode> = z.looseObject({
  'Node Type': z.string(),
  'Relation Name': z.string().optional(),
  Alias: z.string().optional(),
  'Function Name': z.string().optional(),
  'CTE Name': z.string().optional(),
  'Index Name': z.string().optional(),
  'Join Type': z.string().optional(),
  'Plan Rows': z.number(),
  'Total Cost': z.number(),
  get Plans() {
    return z.array(planNode).optional()
  },
})
/** A statement that rules have made several of has several plans; one such as NOTIFY has none. */
const explained = z.array(z.looseObject({ Plan: planNode.optional() }))

/** What a node filters and sorts by, in the order in which it is told. */
const CONDITIONS = [
  'Index Cond',
  'Recheck Cond',
  'Hash Cond',
  'Merge Cond',
  'Join Filter',
  'Filter',
  'Sort Key',
  'Group Key',
]

/** The text that is sent for a plan, and what an error in it means for the text of the person. */
export interface PlanQuestion {
  readonly statement: Pick<BoundStatement, 'text' | 'originalOffset'>
  /** Asks, on a connection that is inside a transaction. @throws what the server says about `statement`. */
  ask(client: pg.Client): Promise<PlanStep[]>
}

/**
 * Prepares the question how the server would run a statement, which is not run. Parameters may have any values.
 * @throws RequestFailed `database` for what is no single statement that can be explained.
 */
export function explainOnServer(sql: string): PlanQuestion {
  if (statementKeyword(sql) === 'EXPLAIN') {
    throw refusal('This statement begins with EXPLAIN already. Run it, or leave that word out.')
  }
  const { text, parameters, originalOffset } = numberParameters(sql)
  const count = parameters.at(-1)?.index ?? 0
  const lead = count === 0 ? 'EXPLAIN (FORMAT JSON) ' : `PREPARE ${PREPARED_PLAN} AS `
  const sent = lead + text
  const nulls = Array.from({ length: count }, () => 'NULL').join(', ')
  return {
    statement: { text: sent, originalOffset: (offset) => originalOffset(Math.max(0, offset - lead.length)) },
    async ask(client) {
      if (count === 0) return stepsOf(await planFrom(client, sent))
      await client.query('SET LOCAL plan_cache_mode = force_generic_plan')
      // By the extended protocol, in which one text is one statement.
      await client.query({ text: sent, queryMode: 'extended' } as pg.QueryConfig)
      return stepsOf(await planFrom(client, `EXPLAIN (FORMAT JSON) EXECUTE ${PREPARED_PLAN}(${nulls})`))
    },
  }
}

async function planFrom(client: pg.Client, text: string): Promise<readonly PlanNode[]> {
  const query = { text, queryMode: 'extended' } as pg.QueryConfig
  const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(query)
  const read = explained.safeParse(rows[0]?.['QUERY PLAN'])
  if (!read.success)
    throw failed('database', 'The plan of the server cannot be read. Run the statement with EXPLAIN.')
  return read.data.flatMap(({ Plan }) => (Plan ? [Plan] : []))
}

/** Nodes in the order in which they are read, each behind the one that it is a part of. */
function stepsOf(plans: readonly PlanNode[]): PlanStep[] {
  const steps: PlanStep[] = []
  function add(node: PlanNode, parent: number): void {
    const id = steps.length + 1
    const type = node['Node Type']
    const index = node['Index Name']
    steps.push({
      id,
      parent,
      detail: detailOf(node),
      // A sample or a foreign table is read by other rules, a function's rows are all that there are.
      scan: type === 'Seq Scan',
      ...(index === undefined ? {} : { index }),
      covering: type === 'Index Only Scan',
    })
    for (const child of node.Plans ?? []) add(child, id)
  }
  for (const plan of plans) add(plan, 0)
  return steps
}

function detailOf(node: PlanNode): string {
  const { 'Node Type': type, 'Relation Name': relation, Alias: alias } = node
  const read = relation ?? node['Function Name'] ?? node['CTE Name']
  const on =
    read === undefined ? '' : ` on ${read}${alias === undefined || alias === read ? '' : ` ${alias}`}`
  const using = node['Index Name'] === undefined ? '' : ` using ${node['Index Name']}`
  const join =
    node['Join Type'] === undefined || node['Join Type'] === 'Inner' ? '' : ` (${node['Join Type']})`
  const conditions = CONDITIONS.flatMap((name) => {
    const value = node[name]
    const words = Array.isArray(value) ? value.join(', ') : value
    return typeof words === 'string' ? [`; ${name}: ${words}`] : []
  })
  const rows = Math.round(node['Plan Rows']).toLocaleString('en')
  return `${type}${join}${using}${on}${conditions.join('')} (cost ${node['Total Cost']}, about ${rows} rows)`
}
