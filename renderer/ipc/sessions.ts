import { computed, shallowRef, type ShallowRef } from 'vue'
import { z } from 'zod'
import { appContract, type AppContract } from '#contract/app.ts'
import type { Contract } from '#contract/channel.ts'
import { serviceContract, type ServiceContract } from '#contract/service.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { domPort, makeDomChannel } from './dom-port.ts'

/** What the preload script says when it hands a session port over. */
const handover = z.object({ offloop: z.literal('session'), role: z.enum(['app', 'service']) })

/** The line to the main process, while there is one. */
export const appSession: ShallowRef<Client<AppContract> | undefined> = shallowRef()
/** The line to the service, while there is one; another one comes after each restart of the service. */
export const serviceSession: ShallowRef<Client<ServiceContract> | undefined> = shallowRef()

let serviceSeen = false

/** Whether the service can be asked now, was never there yet, or is away and will be back. */
export const connection = computed(() => {
  if (serviceSession.value) return 'ready'
  return serviceSeen ? 'lost' : 'connecting'
})

/** Starts taking the session ports that the preload script hands to the page, and asks for the first ones. */
export function receiveSessions(): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== window) return
    const parsed = handover.safeParse(event.data)
    const [port] = event.ports
    if (!parsed.success || !port) return
    switch (parsed.data.role) {
      case 'app':
        return hold(appSession, appContract, port)
      case 'service':
        serviceSeen = true
        return hold(serviceSession, serviceContract, port)
      default:
        parsed.data.role satisfies never
    }
  })
  window.postMessage({ offloop: 'ready' }, window.location.origin)
}

function hold<C extends Contract>(
  session: ShallowRef<Client<C> | undefined>,
  contract: C,
  port: MessagePort,
): void {
  const sessionPort = domPort(port)
  const client = connect(contract, sessionPort, dialWithPortPerRequest(sessionPort, makeDomChannel))
  sessionPort.onClose(() => {
    if (session.value === client) session.value = undefined
  })
  // Nothing is ever received on a session port, but only a started port tells that its other end is gone.
  port.start()
  session.value = client
}
