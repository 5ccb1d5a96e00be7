import { BrowserWindow } from 'electron'
import { failed } from '#kit/request-failed.ts'
import type { QueryHosts } from './query-hosts.ts'
import type { Supervisor } from './supervisor.ts'

/** Ends one of Offloop's processes at once. @throws RequestFailed `not-found`, `invalid-params` */
export async function endProcess(pid: number, supervisor: Supervisor, hosts: QueryHosts): Promise<void> {
  if (pid === process.pid)
    throw failed('invalid-params', 'The main process ends with all others. Quit Offloop instead.')
  if ((await supervisor.end(pid)) || (await hosts.end(pid))) return
  const window = BrowserWindow.getAllWindows().find(({ webContents }) => webContents.getOSProcessId() === pid)
  if (!window) throw failed('not-found', `Offloop has no process ${pid} any more. It has ended by itself.`)
  // Its page is loaded again, as after any fault.
  window.webContents.forcefullyCrashRenderer()
}
