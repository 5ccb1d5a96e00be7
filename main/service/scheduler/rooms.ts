import { namedPool, poolClosed, poolFull } from './change-pool.ts'
import type { SchedulerEvent } from './events.ts'
import type { SchedulerState } from './state.ts'

/** What to do when a pool has no room for another run. */
export interface RoomRequest {
  /** `wait` unless it is given. */
  readonly whenFull?: 'wait' | 'refuse' | undefined
  /** How long to wait for room, in milliseconds; for ever unless it is given. */
  readonly roomWaitMs?: number | undefined
  /** Aborted when the asker does not wait for room any more. */
  readonly signal?: AbortSignal | undefined
}

type Answer = 'admit' | 'full' | 'closed'

/** Those who wait until a pool has room for their run. @param happen decides; throws when the event is refused. */
export function createRooms(state: SchedulerState, happen: (event: SchedulerEvent) => void) {
  const waiting = new Map<number, (answer: Answer) => void>()
  let tickets = 0

  return {
    /** Tells the holder of a ticket what was decided. */
    answer(ticket: number, answer: Answer): void {
      waiting.get(ticket)?.(answer)
    },

    /**
     * Waits for room.
     * @returns the ticket for it, which must be given back when it is not used.
     * @throws RequestFailed `queue-full`, or `invalid-params` for a closed pool; the signal's reason.
     */
    async wait({ whenFull, roomWaitMs, signal }: RoomRequest, pool: string): Promise<number> {
      const ticket = ++tickets
      const answer = new Promise<Answer>((resolve) => waiting.set(ticket, resolve))
      const leave = (): void => {
        happen({ kind: 'leave-room', pool, ticket })
        waiting.get(ticket)?.('closed')
      }
      try {
        happen({ kind: 'ask-room', pool, ticket, whenFull: whenFull ?? 'wait', waitMs: roomWaitMs })
        if (signal?.aborted) leave()
        else signal?.addEventListener('abort', leave, { once: true })
        const given = await answer
        signal?.throwIfAborted()
        switch (given) {
          case 'admit':
            return ticket
          case 'full':
            throw poolFull(pool, namedPool(state, pool).capacity)
          case 'closed':
            throw poolClosed(pool)
          default:
            return given satisfies never
        }
      } finally {
        signal?.removeEventListener('abort', leave)
        waiting.delete(ticket)
      }
    },
  }
}
