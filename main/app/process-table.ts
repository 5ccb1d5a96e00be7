import { app, BrowserWindow } from 'electron'
import type { ProcessInfo } from '#contract/processes.ts'
import type { LoopLagMeter } from '#kit/loop-lag.ts'
import { measureProcessors } from './measure-processors.ts'
import type { QueryHosts } from './query-hosts.ts'
import { readMemory } from './read-memory.ts'
import type { Supervisor } from './supervisor.ts'

/** How often the table is read while somebody watches it. */
export const TABLE_INTERVAL_MS = 1_000

/** Keeps the latest table of Offloop's own processes. */
export interface ProcessTable {
  readonly rows: readonly ProcessInfo[]
}

/** Reads lag, memory and processors of every process once a second. */
export function watchProcesses(
  supervisor: Supervisor,
  hosts: QueryHosts,
  lagMeter: LoopLagMeter,
): ProcessTable {
  let mainLag = lagMeter.read()
  let memory = new Map<number, number>()
  const processors = measureProcessors(usedSeconds)
  let cores = new Map<number, number>()
  const reloads = new Map<number, number>()
  app.on('render-process-gone', (_event, { id }) => reloads.set(id, (reloads.get(id) ?? 0) + 1))
  setInterval(() => {
    mainLag = lagMeter.read()
    memory = readMemory()
    cores = processors.read()
  }, TABLE_INTERVAL_MS)

  return {
    get rows() {
      const own: ProcessInfo = {
        role: 'main',
        about: '',
        pid: process.pid,
        state: 'ready',
        lag: mainLag,
        memoryBytes: null,
        cores: null,
        restarts: 0,
      }
      const pages = BrowserWindow.getAllWindows().map(({ webContents }): ProcessInfo => ({
        role: 'renderer',
        about: '',
        pid: webContents.getOSProcessId(),
        state: webContents.isCrashed() ? 'starting' : 'ready',
        lag: null,
        memoryBytes: null,
        cores: null,
        restarts: reloads.get(webContents.id) ?? 0,
      }))
      return [own, ...pages, supervisor.table, ...hosts.table].map((row) => ({
        ...row,
        memoryBytes: memory.get(row.pid) ?? null,
        cores: cores.get(row.pid) ?? null,
      }))
    },
  }
}

/** The percentages that Electron gives are of the time since anybody last asked, so they are not used. */
function usedSeconds(): Map<number, number> {
  return new Map(
    app
      .getAppMetrics()
      .flatMap(({ pid, cpu }): [number, number][] =>
        cpu.cumulativeCPUUsage === undefined ? [] : [[pid, cpu.cumulativeCPUUsage]],
      ),
  )
}
