import type { Contract } from '#contract/channel.ts'
import type { Failure } from '#contract/failure.ts'
import type { Port } from './port.ts'
import { RequestFailed } from './request-failed.ts'
import { serve, type Handlers, type Serving } from './serve.ts'

/**
 * Answers every method of a contract with one failure, for a process that cannot do its work but can say why.
 * @param exceptions what it answers all the same.
 */
export function refuseAll<C extends Contract>(
  contract: C,
  port: Port,
  failure: Failure,
  exceptions: Partial<Handlers<C>> = {},
): Serving {
  const refuse = (): never => {
    throw new RequestFailed(failure)
  }
  const refusals = Object.fromEntries(Object.keys(contract).map((method) => [method, refuse]))
  return serve(contract, port, { ...refusals, ...exceptions })
}
