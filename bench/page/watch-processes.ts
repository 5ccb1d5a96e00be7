import type { ProcessInfo } from '#contract/processes.ts'
import type { Sessions } from './sessions.ts'

/** What one kind of Offloop's processes was like over a stretch of time; one entry for each report, once a second. */
export interface ProcessReport {
  /** Resident memory of the largest process of its kind, in bytes. */
  readonly memoryBytes: readonly number[]
  /** The 99th percentile of its loop's lag within a report's span, in milliseconds. */
  readonly lagP99Ms: readonly number[]
}
export type ProcessReports = Readonly<Record<ProcessInfo['role'], ProcessReport>>

/** Watches Offloop's processes from now until it is stopped. */
export interface ProcessWatch {
  /** Resolves within a second, with the report on the time in which it was called: a short stretch has that one only. */
  stop(): Promise<ProcessReports>
}

/** Reads what Offloop itself shows of its processes. */
export function watchProcesses({ app }: Sessions): ProcessWatch {
  const reports = { main: none(), renderer: none(), service: none(), 'query-host': none() }
  const stream = app.stream('processes.watch', {})
  let isStopping = false

  async function read(): Promise<void> {
    let isFirst = true
    for await (const { processes } of stream) {
      // The first one is about the time before.
      if (!isFirst) processes.forEach(take)
      isFirst = false
      if (isStopping) return
    }
  }
  function take({ role, memoryBytes, lag }: ProcessInfo): void {
    if (memoryBytes !== null) reports[role].memoryBytes.push(memoryBytes)
    if (lag !== null) reports[role].lagP99Ms.push(lag.p99Ms)
  }
  const reading = read()
  // It is waited for when the watch is stopped, and a failure before that is told then.
  reading.catch(() => undefined)
  return {
    async stop() {
      isStopping = true
      await reading
      return reports
    },
  }
}

function none(): { memoryBytes: number[]; lagP99Ms: number[] } {
  return { memoryBytes: [], lagP99Ms: [] }
}
