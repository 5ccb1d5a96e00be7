import { watch, type ShallowRef } from 'vue'
import type { AppContract } from '#contract/app.ts'
import type { Contract } from '#contract/channel.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { Client } from '#kit/client.ts'
import { failed } from '#kit/request-failed.ts'
import { t } from '../messages/words.ts'
import { appSession, serviceSession } from './sessions.ts'

/** How long a request waits for a process that is being restarted, which takes about a second. */
const SESSION_WAIT_MS = 5_000

/**
 * Waits until there is a session.
 * @throws RequestFailed `host-lost` after 5 s, or the signal's reason.
 */
function sessionOf<C extends Contract>(
  session: ShallowRef<Client<C> | undefined>,
  signal?: AbortSignal,
): Promise<Client<C>> {
  if (session.value) return Promise.resolve(session.value)
  return new Promise((resolve, reject) => {
    const leave = (settle: () => void): void => {
      unwatch()
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      settle()
    }
    const onAbort = (): void => leave(() => reject(failed('cancelled', t('connection.cancelled'))))
    const timer = setTimeout(
      () => leave(() => reject(failed('host-lost', t('connection.noService')))),
      SESSION_WAIT_MS,
    )
    const unwatch = watch(session, (client) => {
      if (client) leave(() => resolve(client))
    })
    signal?.addEventListener('abort', onAbort, { once: true })
    if (signal?.aborted) onAbort()
  })
}

/** The service as soon as it is there, at most 5 s from now. @throws RequestFailed `host-lost` */
export function service(signal?: AbortSignal): Promise<Client<ServiceContract>> {
  return sessionOf(serviceSession, signal)
}

/** Asks the service, waiting for it while it is being restarted. @throws RequestFailed */
export const askService: Client<ServiceContract>['call'] = async (method, params, options) =>
  (await sessionOf(serviceSession, options?.signal)).call(method, params, options)

/** Asks the main process. @throws RequestFailed */
export const askApp: Client<AppContract>['call'] = async (method, params, options) =>
  (await sessionOf(appSession, options?.signal)).call(method, params, options)
