import type { CommandSpec, QuerySpec, Run } from '#contract/run.ts'
import type { AskedTerms, PipePlace, WaitingTerms } from '#contract/terms.ts'
import type { TransferSpec } from '#contract/transfer.ts'
import type { CarryOut } from './hosted-work.ts'
import type { RoomRequest } from './rooms.ts'

/** How a command is asked for. */
export interface RunRequest extends RoomRequest {
  readonly spec: CommandSpec
  readonly terms?: AskedTerms | undefined
  readonly pipe?: PipePlace
  /** The asker's whole environment, as a vault stores it; Offloop's own when it is not given. */
  readonly environment?: string | undefined
}

/** How a query or transfer is asked for that waits for its turn. */
export interface HostedRequest extends RoomRequest {
  readonly spec: QuerySpec | TransferSpec
  readonly terms: WaitingTerms
  /** Without its asker it does not begin. */
  readonly forAsker?: boolean
  /** Aborted when the run is to be cancelled, whether it waits or not; `signal` only ends the wait for room. */
  readonly cancelled: AbortSignal
  /** Told of the run as soon as it is on disk. */
  readonly onCreated?: (run: Run) => void
  /** Does its work when its turn has come. */
  readonly carryOut: CarryOut
}
