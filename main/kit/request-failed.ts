import type { Failure, FailureCode } from '#contract/failure.ts'

/** The error that a failed request throws; it crosses processes as its `failure`. */
export class RequestFailed extends Error {
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.name = 'RequestFailed'
    this.failure = failure
  }

  get code(): FailureCode {
    return this.failure.code
  }
}

/** Makes a RequestFailed from its parts. */
export function failed(code: FailureCode, message: string, details?: Failure['details']): RequestFailed {
  return new RequestFailed(details === undefined ? { code, message } : { code, message, details })
}

/** The failure to send for anything that was thrown: its own if it has one, else `internal` with its message. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof RequestFailed) return thrown.failure
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'internal', message: `Something went wrong inside Offloop: ${message}` }
}
