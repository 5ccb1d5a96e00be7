import { rowsContract, type RowsItem } from '#contract/query-host.ts'
import type { QuerySpec, Run } from '#contract/run.ts'
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

/** Asks for a query to be run; aborting the signal asks for it to be stopped. @throws RequestFailed */
export async function requestQuery(spec: QuerySpec, signal: AbortSignal): Promise<QueryRequest> {
  const client = await service(signal)
  const [near, far] = makeDomChannel()
  const rows = connect(rowsContract, near, dialWithPortPerRequest(near, makeDomChannel))
  return {
    run: client.stream('query.run', { ...spec, rows: 'first' }, { signal, passengers: [far] }),
    firstRows: rows.stream('rows', {}),
  }
}
