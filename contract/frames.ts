import { z } from 'zod'
import { failure } from './failure.ts'

/**
 * The frames of the channel protocol (see docs/contract.md). A session port carries only openings; whatever belongs to
 * one request travels on that request's own port, or, where no port can be made (a utility process, a socket), in an
 * envelope with the request's number.
 */

/** The largest credit window that an asker may grant; more gained nothing when it was measured. */
export const MAX_CREDIT = 64

/** Asker to answerer, on the session port: opens a request. Its port and any passengers are transferred beside it. */
export const openFrame = z.object({
  t: z.literal('open'),
  method: z.string().max(100),
  params: z.unknown(),
  /** How many items may be sent before the first is consumed; 0 for a call. */
  credit: z.number().int().min(0).max(MAX_CREDIT),
})
export type OpenFrame = z.infer<typeof openFrame>

/** Asker to answerer, within a request. */
export const askerFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('credit'), n: z.number().int().min(1).max(MAX_CREDIT) }),
  z.object({ t: z.literal('cancel'), reason: z.enum(['cancelled', 'deadline']) }),
])

/** Answerer to asker, within a request. Exactly one `end` or `fail` closes it. */
export const answererFrame = z.discriminatedUnion('t', [
  z.object({ t: z.literal('item'), value: z.unknown() }),
  z.object({ t: z.literal('end'), value: z.unknown() }),
  z.object({ t: z.literal('fail'), failure }),
])

/** A frame of one of many requests that share a port; `close` is what closing a port of its own would say. */
export const envelope = z.object({
  id: z.number().int().nonnegative(),
  frame: z.union([openFrame, askerFrame, answererFrame, z.object({ t: z.literal('close') })]),
})
export type Envelope = z.infer<typeof envelope>
