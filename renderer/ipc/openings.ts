import type { Opening } from '#contract/opening.ts'
import { follow } from './follow.ts'
import { appSession } from './sessions.ts'

/** Takes what somebody asks from outside to see, for as long as the page lives. */
export function followOpenings(onOpening: (wanted: Opening) => void): () => void {
  return follow(appSession, {
    open: (client, signal) => client.stream('openings.take', {}, { signal }),
    onItem: ({ opening }) => onOpening(opening),
  })
}
