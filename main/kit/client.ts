import type {
  CallName,
  Contract,
  ItemOf,
  ParamsOf,
  ResultOf,
  StreamName,
  StreamShape,
} from '#contract/channel.ts'
import { answererFrame } from '#contract/frames.ts'
import type { Dial } from './dial.ts'
import type { Port } from './port.ts'
import { failed, RequestFailed } from './request-failed.ts'

/** Credits of a stream when its reader does not say: 1 is a fifth slower, more than 4 gained nothing. */
const DEFAULT_CREDIT = 4

export interface RequestOptions {
  /** Aborting asks the answerer to stop; the request stays open until it confirms. */
  readonly signal?: AbortSignal
  /** Milliseconds after which the answerer is asked to stop; the request then fails with `deadline`. */
  readonly deadlineMs?: number
  /** Ports that travel with the request. */
  readonly passengers?: readonly Port[]
}

export interface StreamOptions extends RequestOptions {
  /** How many items may be on their way at once, 1 to 64. */
  readonly credit?: number
}

/** A running stream. Iterating returns credit as items are consumed; leaving the loop early cancels and waits for it. */
export interface RequestStream<I, R> extends AsyncIterable<I> {
  /** Settles when the answerer has ended or failed the request, or has died. */
  readonly result: Promise<R>
}

/** The asking side of a contract. */
export interface Client<C extends Contract> {
  /** Asks and waits for the answer. @throws RequestFailed */
  call<M extends CallName<C>>(
    method: M,
    params: ParamsOf<C, M>,
    options?: RequestOptions,
  ): Promise<ResultOf<C, M>>
  /** As `call`, for answers that bring ports with them. @throws RequestFailed */
  callForPorts<M extends CallName<C>>(
    method: M,
    params: ParamsOf<C, M>,
    options?: RequestOptions,
  ): Promise<{ readonly value: ResultOf<C, M>; readonly ports: readonly Port[] }>
  /** Opens a stream. Its items and result throw RequestFailed. */
  stream<M extends StreamName<C>>(
    method: M,
    params: ParamsOf<C, M>,
    options?: StreamOptions,
  ): RequestStream<ItemOf<C, M>, ResultOf<C, M>>
}

interface Answer {
  readonly value: unknown
  readonly ports: readonly Port[]
}

/** What an open request tells its asker. */
interface Listener {
  onItem(value: unknown): void
  onEnd(answer: Answer): void
  onFail(error: RequestFailed): void
}

/**
 * Connects to the process at the other end of a session port.
 * @param dial how a request's own line is opened on that session.
 */
export function connect<C extends Contract>(contract: C, session: Port, dial: Dial): Client<C> {
  const losses = new Set<() => void>()
  let lost = false
  session.onClose(() => {
    lost = true
    for (const lose of [...losses]) lose()
  })

  function open(
    method: string,
    params: unknown,
    credit: number,
    options: RequestOptions,
    listener: Listener,
  ): Port {
    const channel = dial({ t: 'open', method, params, credit }, options.passengers ?? [])
    let settled = false
    const cancel = (): void => channel.post({ t: 'cancel', reason: 'cancelled' })
    const timer =
      options.deadlineMs === undefined
        ? undefined
        : setTimeout(() => channel.post({ t: 'cancel', reason: 'deadline' }), options.deadlineMs)

    function settle(tell: () => void): void {
      if (settled) return
      settled = true
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', cancel)
      losses.delete(lose)
      tell()
      channel.close()
    }
    const fail = (error: RequestFailed): void => settle(() => listener.onFail(error))
    const lose = (): void => {
      // Also called at the end of every request that went well, and an error costs 20 µs to make.
      if (settled) return
      fail(
        failed(
          'host-lost',
          `The process that was answering "${method}" has ended. Try again: it is restarted by itself.`,
        ),
      )
    }

    losses.add(lose)
    channel.onClose(lose)
    channel.onMessage((message, ports) => {
      const parsed = answererFrame.safeParse(message)
      if (!parsed.success)
        return fail(failed('internal', `The answer to "${method}" is not a frame of the protocol.`))
      const frame = parsed.data
      switch (frame.t) {
        case 'item':
          if (!settled) listener.onItem(frame.value)
          return
        case 'end':
          return settle(() => listener.onEnd({ value: frame.value, ports }))
        case 'fail':
          return fail(new RequestFailed(frame.failure))
        default:
          frame satisfies never
      }
    })
    if (lost) lose()
    if (options.signal?.aborted) cancel()
    else options.signal?.addEventListener('abort', cancel, { once: true })
    return channel
  }

  function ask(method: string, params: unknown, options: RequestOptions): Promise<Answer> {
    return new Promise((resolve, reject) => {
      open(method, params, 0, options, {
        onItem: () => undefined,
        onEnd: resolve,
        onFail: reject,
      })
    })
  }

  /** The one place where an answer becomes typed: only after its validator has accepted it. */
  function validated<M extends keyof C & string>(method: M, value: unknown): ResultOf<C, M> {
    const parsed = contract[method]?.result.safeParse(value)
    if (parsed?.success) return parsed.data as ResultOf<C, M>
    throw failed('internal', `The answer to "${method}" does not fit the contract.`)
  }

  return {
    async call(method, params, options = {}) {
      const { value } = await ask(method, params, options)
      return validated(method, value)
    },
    async callForPorts(method, params, options = {}) {
      const { value, ports } = await ask(method, params, options)
      return { value: validated(method, value), ports }
    },
    stream<M extends StreamName<C>>(method: M, params: ParamsOf<C, M>, options: StreamOptions = {}) {
      const shape = contract[method] as StreamShape
      const credit = options.credit ?? DEFAULT_CREDIT
      const leaving = new AbortController()
      const { signal } = leaving
      // By hand, because AbortSignal.any leaves weak references that cost 50 µs of collection for each stream.
      const leave = (): void => leaving.abort()
      if (options.signal?.aborted) leave()
      else options.signal?.addEventListener('abort', leave, { once: true })
      const items: { readonly value: ItemOf<C, M> }[] = []
      let wake: (() => void) | undefined
      let over = false
      let outstanding = credit
      let misbehaved: RequestFailed | undefined

      const misbehave = (message: string): void => {
        misbehaved ??= failed('internal', message)
        leaving.abort()
      }
      const { promise: result, resolve, reject } = Promise.withResolvers<ResultOf<C, M>>()
      const finish = (settle: () => void): void => {
        over = true
        options.signal?.removeEventListener('abort', leave)
        settle()
        wake?.()
      }
      const channel = open(
        method,
        params,
        credit,
        { ...options, signal },
        {
          onItem(value) {
            if (outstanding === 0) return misbehave(`"${method}" sent more items than it had credit for.`)
            outstanding -= 1
            const parsed = shape.item.safeParse(value)
            if (!parsed.success) return misbehave(`An item of "${method}" does not fit the contract.`)
            items.push({ value: parsed.data as ItemOf<C, M> })
            wake?.()
          },
          onEnd({ value }) {
            finish(() => {
              if (misbehaved) return reject(misbehaved)
              try {
                resolve(validated(method, value))
              } catch (error) {
                reject(error)
              }
            })
          },
          onFail: (error) => finish(() => reject(misbehaved ?? error)),
        },
      )
      // The reader of the items sees the failure in its loop; a result that nobody awaits must not end the process.
      result.catch(() => undefined)

      // Written out rather than as a generator: leaving a generator before its first step would not cancel anything.
      let inHand = false
      const iterator: AsyncIterator<ItemOf<C, M>, void, undefined> = {
        async next() {
          if (inHand) {
            inHand = false
            outstanding += 1
            channel.post({ t: 'credit', n: 1 })
          }
          while (items.length === 0 && !over) await new Promise<void>((resolve) => (wake = resolve))
          const [item] = items.splice(0, 1)
          if (item === undefined) {
            await result
            return { done: true, value: undefined }
          }
          inHand = true
          return { done: false, value: item.value }
        },
        async return() {
          if (!over) leaving.abort()
          await result.catch(() => undefined)
          return { done: true, value: undefined }
        },
      }
      return { result, [Symbol.asyncIterator]: () => iterator }
    },
  }
}
