/** What electron-builder's libraries listen to in the whole process, to remove their temporary files at its end. */
const EVENTS = ['beforeExit', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs work and takes away the listeners that it leaves on the process. One of electron-builder's would end the process
 * with 0 whatever the exit code is, another would end it on a signal before the task has cleaned up.
 */
export async function leaveNoListeners<T>(work: () => Promise<T>): Promise<T> {
  const events: NodeJS.EventEmitter = process
  const before = new Map(EVENTS.map((event) => [event, events.rawListeners(event)]))
  try {
    return await work()
  } finally {
    for (const [event, known] of before) {
      for (const listener of events.rawListeners(event)) {
        if (isListener(listener) && !known.includes(listener)) events.off(event, listener)
      }
    }
  }
}

/** Node's types call a listener a Function and no more. */
function isListener(value: unknown): value is (...values: unknown[]) => void {
  return typeof value === 'function'
}
