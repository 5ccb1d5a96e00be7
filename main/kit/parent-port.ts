import { delivery, type Delivery } from '#contract/supervision.ts'
import { electronPort, type ElectronMessagePort } from './electron-port.ts'
import type { Port } from './port.ts'

/** The part of a utility process's `process.parentPort` that is used here. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: ElectronMessagePort[] }) => void): unknown
}

/**
 * Receives the session ports that main hands to this utility process.
 * @throws Error outside a utility process.
 */
export function receivePorts(onPort: (role: Delivery['role'], port: Port) => void): void {
  const { parentPort } = process as { parentPort?: ParentPort }
  if (!parentPort) throw new Error('This file runs only in a utility process of Electron.')
  parentPort.on('message', ({ data, ports: [raw] }) => {
    const parsed = delivery.safeParse(data)
    if (parsed.success && raw) onPort(parsed.data.role, electronPort(raw))
  })
}
