/** Why the runtime could not be made ready. */
export type SetupFailureCode =
  | 'no-network'
  | 'broken-download'
  | 'wrong-checksum'
  | 'disk-full'
  | 'not-writable'
  | 'no-fallback'
  | 'not-runnable'
  | 'missing-packages'
  | 'addon-build'
  | 'packaging'

/** A failure that the person who typed the command can mend: its message says what happened, to what, and how. */
export class SetupFailure extends Error {
  override readonly name = 'SetupFailure'
  readonly code: SetupFailureCode

  constructor(code: SetupFailureCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
