import type { RequestStream } from '#kit/client.ts'
import type { ExportFormat, ImportColumn, ImportFormat, TransferProgress } from '#contract/transfer.ts'
import { openTestHost, type TestHost } from '../host-fixture.ts'

type CsvFormat = Extract<ExportFormat, { kind: 'csv' | 'tsv' }>

/** CSV that tells every value apart. */
export const EXACT_CSV: CsvFormat = {
  kind: 'csv',
  header: true,
  bom: false,
  nullText: '',
  quotes: 'text',
}
export const PLAIN_CSV: CsvFormat = { ...EXACT_CSV, quotes: 'needed' }
export const READ_CSV: ImportFormat = {
  kind: 'csv',
  separator: ',',
  header: true,
  nullText: '',
  rows: 'strict',
}

export interface TransferHost extends TestHost {
  readonly exportQuery: (
    sql: string,
    format: ExportFormat,
    name: string,
    signal?: AbortSignal,
  ) => RequestStream<TransferProgress, TransferProgress>
  readonly importFile: (
    name: string,
    table: string,
    columns: ImportColumn[],
    options?: { readonly format?: ImportFormat; readonly create?: boolean; readonly signal?: AbortSignal },
  ) => RequestStream<TransferProgress, TransferProgress>
}

/**
 * A query host with a database open that has one table, `t`.
 * @param library of the extension; without it the host does everything in JavaScript.
 */
export async function openTransferHost(sql = 'CREATE TABLE t (a)', library?: string): Promise<TransferHost> {
  const host = await openTestHost(library)
  await host.client.call('open', { path: host.make('data.db', sql), mode: 'read-write' })
  return {
    ...host,
    exportQuery: (query, format, name, signal) =>
      host.client.stream(
        'export',
        { source: { kind: 'query', sql: query }, to: host.at(name), format },
        signal ? { signal } : {},
      ),
    importFile: (name, table, columns, { format = READ_CSV, create = true, signal } = {}) =>
      host.client.stream(
        'import',
        { file: host.at(name), table, columns, format, create },
        signal ? { signal } : {},
      ),
  }
}
