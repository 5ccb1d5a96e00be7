/** What a process and all below it use. Whatever adds up counts from their beginning. */
export interface TreeUsage {
  /** Milliseconds of processor time, all cores together. */
  readonly processorMs: number
  /** Resident in memory, in bytes. */
  readonly memoryBytes: number
  /** Bytes read from disks, and written to them; null where the system does not tell. */
  readonly readBytes: number | null
  readonly writtenBytes: number | null
  readonly processes: number
}

/** Measures one process with all below it, as long as it lives. */
export interface TreeMeter {
  /** @returns undefined once none of the processes lives. */
  measure(): Promise<TreeUsage | undefined>
  /** Frees what it holds. */
  close(): Promise<void>
}
