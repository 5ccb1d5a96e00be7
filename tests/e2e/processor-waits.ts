import { readdirSync, readFileSync } from 'node:fs'
import type { ElectronApplication } from 'playwright/test'

/** Half a frame: what was waited between two looks cannot be placed any closer. */
const LOOK_INTERVAL_MS = 8
const NANOSECONDS_PER_MS = 1e6
/** The threads that a frame goes through one after the other, by the names that the system shows. */
const FRAME_THREADS = /^(Compositor|VizCompositorTh)/u

/** How long the threads that make frames could have run and were given no processor. */
export interface ProcessorWaits {
  /**
   * @param from, to milliseconds since 1970.
   * @returns milliseconds of the thread that waited longest, because the others may wait meanwhile; 0 where the system does
   * not tell.
   */
  during(from: number, to: number): number
  close(): void
}

/** Begins to watch the page of the only window and the process that draws it. */
export async function watchProcessorWaits(app: ElectronApplication): Promise<ProcessorWaits> {
  const pids = await app.evaluate(({ app, BrowserWindow }) => [
    ...BrowserWindow.getAllWindows().map(({ webContents }) => webContents.getOSProcessId()),
    ...app.getAppMetrics().flatMap(({ type, pid }) => (type === 'GPU' ? [pid] : [])),
  ])
  const files = pids.flatMap(schedulerFiles)
  const looks: { readonly at: number; readonly waitedMs: readonly number[] }[] = []
  const look = (): void => {
    looks.push({ at: performance.timeOrigin + performance.now(), waitedMs: files.map(waitOf) })
  }
  look()
  const timer = setInterval(look, LOOK_INTERVAL_MS)
  return {
    during(from, to) {
      const before = looks.findLast(({ at }) => at <= from) ?? looks[0]
      const after = looks.find(({ at }) => at >= to) ?? looks.at(-1)
      return Math.max(0, ...files.map((_, at) => (after?.waitedMs[at] ?? 0) - (before?.waitedMs[at] ?? 0)))
    },
    close: () => clearInterval(timer),
  }
}

/** Linux counts for each thread how long it ran and how long it waited for a processor. */
function schedulerFiles(pid: number): string[] {
  const tasks = `/proc/${pid}/task`
  try {
    return readdirSync(tasks)
      .filter((id) => Number(id) === pid || FRAME_THREADS.test(readFileSync(`${tasks}/${id}/comm`, 'utf8')))
      .map((id) => `${tasks}/${id}/schedstat`)
  } catch {
    // Another system, or a process that has just ended: then nothing is excused.
    return []
  }
}

function waitOf(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[1] ?? 0) / NANOSECONDS_PER_MS
  } catch {
    // The thread has ended.
    return 0
  }
}
