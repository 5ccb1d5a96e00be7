import type { z } from 'zod'

/** One question, one answer. */
export interface CallShape<P extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  readonly kind: 'call'
  readonly params: P
  readonly result: R
}

/** One question, any number of items, then one answer. Items spend credit that the reader returns. */
export interface StreamShape<
  P extends z.ZodType = z.ZodType,
  I extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  readonly kind: 'stream'
  readonly params: P
  readonly item: I
  readonly result: R
}

/** A type map from the name of a method to its shape: everything that one process answers to another. */
export type Contract = Readonly<Record<string, CallShape | StreamShape>>

/** Declares a call: `params` are validated where they arrive, `result` where it comes back. */
export function call<P extends z.ZodType, R extends z.ZodType>(params: P, result: R): CallShape<P, R> {
  return { kind: 'call', params, result }
}

/** Declares a stream: `params` are validated by the answerer, every `item` and the `result` by the asker. */
export function stream<P extends z.ZodType, I extends z.ZodType, R extends z.ZodType>(
  params: P,
  item: I,
  result: R,
): StreamShape<P, I, R> {
  return { kind: 'stream', params, item, result }
}

/** The names of a contract's calls. */
export type CallName<C extends Contract> = {
  [M in keyof C & string]: C[M] extends CallShape ? M : never
}[keyof C & string]

/** The names of a contract's streams. */
export type StreamName<C extends Contract> = {
  [M in keyof C & string]: C[M] extends StreamShape ? M : never
}[keyof C & string]

/** What a method takes. */
export type ParamsOf<C extends Contract, M extends keyof C> = z.infer<C[M]['params']>

/** What a method answers at its end. */
export type ResultOf<C extends Contract, M extends keyof C> = z.infer<C[M]['result']>

/** What a stream sends before its end. */
export type ItemOf<C extends Contract, M extends keyof C> = C[M] extends StreamShape
  ? z.infer<C[M]['item']>
  : never
