import { receivePorts } from '#kit/parent-port.ts'
import type { Port } from '#kit/port.ts'
import { serve } from '#kit/serve.ts'
import { farContract } from './contract.ts'

const BATCH_BYTES = 64 * 1024

receivePorts((_role, session) => {
  // The middle process sends the page's ports on this session; they are served as they come.
  session.onMessage((_message, ports) => ports.forEach(serveFar))
})

function serveFar(port: Port): void {
  serve(farContract, port, {
    async batches({ count }, { emit }) {
      for (let n = 0; n < count; n++) await emit(new Uint8Array(BATCH_BYTES).fill(n))
      return { sent: count }
    },
    block() {
      for (;;);
    },
  })
}
