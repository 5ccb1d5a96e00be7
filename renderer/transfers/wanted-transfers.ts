import { shallowRef } from 'vue'
import type { ExportWork } from '#contract/transfer.ts'

/** Rows that the person wants in a file. */
export interface WantedExport {
  readonly source: ExportWork['source']
  /** Of the columns, as far as they are known; then some of them can be left out. */
  readonly columns: readonly string[]
  /** Rows, when they have been counted. */
  readonly rows: number | undefined
  /** Of the table that the rows seem to come from; also the beginning of the file's name. */
  readonly table: string
  /** Told when it has been started. */
  readonly onStarted?: () => void
}

/** A file whose rows the person wants in a table. */
export interface WantedImport {
  /** Absolute path; null when it is still to be chosen. */
  readonly file: string | null
  readonly database: string | null
  /** The table that takes the rows; null for a new one. */
  readonly table: string | null
}

/** What is asked for now; whoever shows the form takes it. */
export const wantedExport = shallowRef<WantedExport>()
export const wantedImport = shallowRef<WantedImport>()

/** Asks the person how rows are to be exported. */
export function askForExport(wanted: WantedExport): void {
  wantedExport.value = wanted
}

/** Shows the form for an import. */
export function askForImport(wanted: WantedImport): void {
  wantedImport.value = wanted
}
