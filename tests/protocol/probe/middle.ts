import { receivePorts } from '#kit/parent-port.ts'
import type { Port } from '#kit/port.ts'
import { failureOf } from '#kit/request-failed.ts'
import { serve } from '#kit/serve.ts'
import { middleContract } from './contract.ts'

let far: Port | undefined
let lastReason: string | null = null

receivePorts((role, port) => {
  if (role === 'broker') {
    far = port
    return
  }
  serve(middleContract, port, {
    relay(_params, { passengers }) {
      far?.post('a port for you', passengers)
      return {}
    },
    async wait(_params, { emit, signal }) {
      await emit(1)
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      lastReason = failureOf(signal.reason).code
      throw signal.reason
    },
    lastReason: () => ({ code: lastReason }),
  })
})
