import { z } from 'zod'
import { call, stream, type Contract } from '#contract/channel.ts'

/** What the far process answers to the page, over a port that came to it through the middle process. */
export const farContract = {
  /** Sends batches of bytes, each filled with its own number, for as long as there is credit. */
  batches: stream(
    z.object({ count: z.number().int() }),
    z.instanceof(Uint8Array),
    z.object({ sent: z.number() }),
  ),
  /** Turns its loop no more, as a long statement would. */
  block: call(z.object({}), z.object({})),
} satisfies Contract

/** What the middle process answers to the page. */
export const middleContract = {
  /** Hands the passenger port on to the far process. */
  relay: call(z.object({}), z.object({})),
  /** Stays open until it is cancelled or the asker goes. */
  wait: stream(z.object({}), z.number(), z.object({})),
  /** Why the last `wait` ended. */
  lastReason: call(z.object({}), z.object({ code: z.string().nullable() })),
} satisfies Contract
