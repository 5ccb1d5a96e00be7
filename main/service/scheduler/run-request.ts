import type { CommandSpec } from '#contract/run.ts'
import type { AskedTerms, PipePlace } from '#contract/terms.ts'
import type { RoomRequest } from './rooms.ts'

/** How a run is asked for. */
export interface RunRequest extends RoomRequest {
  readonly spec: CommandSpec
  readonly terms?: AskedTerms | undefined
  readonly pipe?: PipePlace
  /** The asker's whole environment, as a vault stores it; Offloop's own when it is not given. */
  readonly environment?: string | undefined
}
