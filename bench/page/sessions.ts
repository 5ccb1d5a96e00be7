import { appContract, type AppContract } from '#contract/app.ts'
import { serviceContract, type ServiceContract } from '#contract/service.ts'
import type { SessionDelivery, SessionRole } from '#contract/session-ports.ts'
import { connect, type Client } from '#kit/client.ts'
import { dialWithPortPerRequest } from '#kit/dial.ts'
import { domPort, makeDomChannel } from '../../renderer/ipc/dom-port.ts'

/** The lines of the page to the main process and to the service. */
export interface Sessions {
  readonly app: Client<AppContract>
  readonly service: Client<ServiceContract>
}

/** Asks the preload script for sessions of the benchmark's own; the window keeps those that it has. */
export async function openSessions(): Promise<Sessions> {
  const [app, service] = await receivePorts()
  return {
    app: connect(appContract, domPort(app), dialWithPortPerRequest(domPort(app), makeDomChannel)),
    service: connect(
      serviceContract,
      domPort(service),
      dialWithPortPerRequest(domPort(service), makeDomChannel),
    ),
  }
}

function receivePorts(): Promise<readonly [MessagePort, MessagePort]> {
  return new Promise((resolve) => {
    const ports = new Map<SessionRole, MessagePort>()
    const receive = (event: MessageEvent<Partial<SessionDelivery> | null>): void => {
      const [port] = event.ports
      if (event.data?.offloop !== 'session' || event.data.role === undefined || port === undefined) return
      // Captured before the window's own listener, which would take these ports for its own.
      event.stopImmediatePropagation()
      ports.set(event.data.role, port)
      const app = ports.get('app')
      const service = ports.get('service')
      if (app === undefined || service === undefined) return
      window.removeEventListener('message', receive, { capture: true })
      // Nothing is ever received on a session port, but only a started port tells that its other end is gone.
      app.start()
      service.start()
      resolve([app, service])
    }
    window.addEventListener('message', receive, { capture: true })
    window.postMessage({ offloop: 'ready' }, window.location.origin)
  })
}
