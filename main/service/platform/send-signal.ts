import type { CLOSE_INPUT, StopSignal } from './platform.ts'
import { systemCode } from './system-code.ts'

/**
 * Sends a signal to a process or, with a negative number, to a process group.
 * @returns false when there is nobody to get it.
 * @throws Error when the system refuses.
 */
export function sendSignal(pid: number, signal: StopSignal | typeof CLOSE_INPUT): boolean {
  if (Math.abs(pid) <= 1) throw new Error(`Refused to signal ${pid}: that is everybody.`)
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
    throw error
  }
}
