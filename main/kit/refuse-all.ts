import type { Contract } from '#contract/channel.ts'
import type { Failure } from '#contract/failure.ts'
import type { Port } from './port.ts'
import { RequestFailed } from './request-failed.ts'
import { serve, type Handlers, type Serving } from './serve.ts'

/** Answers every method of a contract with one failure, for a process that cannot do its work but can say why. */
export function refuseAll(contract: Contract, port: Port, failure: Failure): Serving {
  const refuse = (): never => {
    throw new RequestFailed(failure)
  }
  const handlers = Object.fromEntries(
    Object.keys(contract).map((method) => [method, refuse]),
  ) as unknown as Handlers<Contract>
  return serve(contract, port, handlers)
}
