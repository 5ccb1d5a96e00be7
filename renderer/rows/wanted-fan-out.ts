import { shallowRef } from 'vue'
import type { RunId } from '#contract/run.ts'

/** The query for each of whose rows the person wants to run a command; whoever shows the form takes it. */
export const wantedFanOut = shallowRef<RunId>()

/** Shows the form of a command that is run for each row of a result. */
export function askForEachRow(run: RunId): void {
  wantedFanOut.value = run
}
