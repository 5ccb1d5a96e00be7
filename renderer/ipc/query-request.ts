import { rowsContract, type RowsItem } from '#contract/query-host.ts'
import type { QuerySpec, Run } from '#contract/run.ts'
import type { Commits } from '#contract/statement.ts'
import type { WaitingTerms } from '#contract/terms.ts'
import { connect, type RequestStream } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { service } from './ask.ts'
import { makeDomChannel } from './dom-port.ts'

/** A query on its way: the run as it changes, and the first rows straight from the process that reads them. */
export interface QueryRequest {
  readonly run: RequestStream<Run, Run>
  /** Ends early, with `host-lost`, when that process ends; the rows so far are in the result. */
  readonly firstRows: RequestStream<RowsItem, { rows: number }>
}

/** The connection that a query runs on, where that is one session's own. */
export interface QuerySession {
  readonly id: number
  readonly commits: Commits
}

/** Asks for a query to be run, at once unless there are terms; aborting the signal asks for it to be stopped. @throws RequestFailed */
export async function requestQuery(
  spec: QuerySpec,
  signal: AbortSignal,
  {
    session,
    terms,
  }: { readonly session?: QuerySession | undefined; readonly terms?: WaitingTerms | undefined } = {},
): Promise<QueryRequest> {
  const client = await service(signal)
  const [near, far] = makeDomChannel()
  const rows = connect(rowsContract, near, dialWithPortPerRequest(near, makeDomChannel))
  return {
    run: client.stream(
      'query.run',
      { ...spec, rows: 'first', ...(session && { session }), ...(terms && { terms }) },
      { signal, passengers: [far] },
    ),
    firstRows: rows.stream('rows', {}),
  }
}
