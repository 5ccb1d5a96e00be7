import { queryHostContract } from '#contract/query-host.ts'
import type { Port } from '#kit/port.ts'
import { serve } from '#kit/serve.ts'
import { builtLibrary } from './accelerator/library-fixture.ts'
import { createEngineHost } from './engine-host.ts'
import { createQueryHost } from './query-host.ts'

/**
 * A query host in a process of its own that talks over Node's process channel, for tests that kill it. Ports cannot
 * travel over that channel; what needs them is tested in one process, and in Electron.
 */
const parent: Port = {
  post(message) {
    // Nobody is left to hear of a parent that is gone: this process ends with it.
    process.send?.(message, undefined, undefined, () => undefined)
  },
  onMessage(listener) {
    process.on('message', (message) => listener(message, []))
  },
  onClose(listener) {
    process.once('disconnect', listener)
  },
  close() {
    process.disconnect()
  },
}
serve(queryHostContract, parent, createEngineHost(createQueryHost(builtLibrary)).handlers)
process.once('disconnect', () => process.exit())
