import type { Contract, ItemOf, ParamsOf, ResultOf, StreamShape } from '#contract/channel.ts'
import { askerFrame, envelope, openFrame, type OpenFrame } from '#contract/frames.ts'
import type { Port } from './port.ts'
import { failed, failureOf, type RequestFailed } from './request-failed.ts'
import { openVirtualPort, type VirtualPort } from './virtual-port.ts'

export interface RequestContext {
  /**
   * Aborted with a RequestFailed as its reason: `cancelled` or `deadline` when the asker wants the work to stop (and is
   * waiting for the answer that it has), `host-lost` when the asker itself is gone.
   */
  readonly signal: AbortSignal
  /** Ports that came with the request. */
  readonly passengers: readonly Port[]
}

export interface StreamContext<I> extends RequestContext {
  /** Sends an item as soon as there is credit for it. Rejects with the signal's reason once that is aborted. */
  readonly emit: (item: I) => Promise<void>
  /** Sends an item if there is credit now; else drops it and returns false. For values of which the latest is enough. */
  readonly offer: (item: I) => boolean
}

/** An answer that hands ports over to the asker. */
export class WithPorts<R> {
  readonly value: R
  readonly ports: readonly Port[]

  constructor(value: R, ports: readonly Port[]) {
    this.value = value
    this.ports = ports
  }
}

/** What answers each method. A returned value ends the request, a thrown RequestFailed fails it. */
export type Handlers<C extends Contract> = {
  readonly [M in keyof C]: C[M] extends StreamShape
    ? (params: ParamsOf<C, M>, context: StreamContext<ItemOf<C, M>>) => Promise<ResultOf<C, M>>
    : (
        params: ParamsOf<C, M>,
        context: RequestContext,
      ) => Promise<ResultOf<C, M> | WithPorts<ResultOf<C, M>>> | ResultOf<C, M> | WithPorts<ResultOf<C, M>>
}

/** How many requests are open on a session, and its end. */
export interface Serving {
  readonly openRequests: number
  /** Aborts every open request as if the asker had gone, and closes the session. */
  close(): void
}

export interface ServeOptions {
  /** Told of failures that are Offloop's own fault and of askers that break the protocol; meant for the log. */
  readonly onTrouble?: (message: string, cause?: unknown) => void
}

/**
 * Answers a contract's methods on a session port, for askers that bring a port with each request and for those that
 * use envelopes. Params are validated before a handler sees them.
 */
export function serve<C extends Contract>(
  contract: C,
  session: Port,
  handlers: Handlers<C>,
  options: ServeOptions = {},
): Serving {
  const trouble = options.onTrouble ?? ((): void => undefined)
  const aborts = new Set<(reason: RequestFailed) => void>()
  const virtual = new Map<number, VirtualPort>()

  session.onMessage((message, ports) => {
    const opening = openFrame.safeParse(message)
    if (opening.success) {
      const [channel, ...passengers] = ports
      if (channel) return answer(opening.data, channel, passengers)
      return trouble('A request came without a port to answer on.')
    }
    const enveloped = envelope.safeParse(message)
    if (!enveloped.success) return trouble('A message on a session port is not a frame of the protocol.')
    const { id, frame } = enveloped.data
    if (frame.t !== 'open') return virtual.get(id)?.receive(frame, ports)
    if (virtual.has(id)) return trouble(`Request ${id} was opened twice.`)
    const request = openVirtualPort(session, id, () => virtual.delete(id))
    virtual.set(id, request)
    answer(frame, request.port, ports)
  })
  session.onClose(loseAsker)

  function loseAsker(): void {
    const gone = failed('host-lost', 'The asker is gone.')
    for (const abort of [...aborts]) abort(gone)
    for (const request of [...virtual.values()]) request.lost()
  }

  function answer(open: OpenFrame, channel: Port, passengers: readonly Port[]): void {
    const controller = new AbortController()
    const { signal } = controller
    let credit = open.credit
    const waiting: (() => void)[] = []
    let answered = false

    const abort = (reason: RequestFailed): void => {
      if (answered || signal.aborted) return
      controller.abort(reason)
      for (const wake of waiting.splice(0)) wake()
    }
    aborts.add(abort)

    function finish(frame: unknown, ports: readonly Port[] = []): void {
      if (answered) return
      answered = true
      aborts.delete(abort)
      channel.post(frame, ports)
      // The asker closes the line once it has read the answer: closing here might overtake it.
    }

    channel.onClose(() => {
      // The asker closes every line that it has read the answer on: an error is only made for one that it has not.
      if (!answered) abort(failed('host-lost', 'The asker is gone.'))
    })
    channel.onMessage((message) => {
      const parsed = askerFrame.safeParse(message)
      if (!parsed.success) {
        trouble(`A frame within "${open.method}" is not one of the protocol.`)
        abort(failed('invalid-params', 'The request broke the protocol.'))
        return
      }
      const frame = parsed.data
      switch (frame.t) {
        case 'credit':
          credit += frame.n
          for (const wake of waiting.splice(0, credit)) wake()
          return
        case 'cancel':
          return abort(
            frame.reason === 'deadline'
              ? failed('deadline', `"${open.method}" took longer than it was given.`)
              : failed('cancelled', `"${open.method}" was cancelled.`),
          )
        default:
          frame satisfies never
      }
    })

    const context: StreamContext<unknown> = {
      signal,
      passengers,
      async emit(item) {
        while (credit === 0 && !signal.aborted) await new Promise<void>((wake) => waiting.push(wake))
        signal.throwIfAborted()
        credit -= 1
        channel.post({ t: 'item', value: item })
      },
      offer(item) {
        if (credit === 0 || signal.aborted) return false
        credit -= 1
        channel.post({ t: 'item', value: item })
        return true
      },
    }

    void run(open, context).then(
      (value) => {
        if (!(value instanceof WithPorts)) return finish({ t: 'end', value })
        const answer: WithPorts<unknown> = value
        finish({ t: 'end', value: answer.value }, answer.ports)
      },
      (thrown: unknown) => {
        // Whatever was waiting on the signal throws an AbortError of its own; the reason says more.
        const stopped = signal.aborted && thrown instanceof Error && thrown.name === 'AbortError'
        const failure = failureOf(stopped ? signal.reason : thrown)
        if (failure.code === 'internal') trouble(`"${open.method}" failed.`, thrown)
        finish({ t: 'fail', failure })
      },
    )
  }

  async function run(open: OpenFrame, context: StreamContext<unknown>): Promise<unknown> {
    const shape = Object.hasOwn(contract, open.method) ? contract[open.method] : undefined
    if (!shape) throw failed('invalid-params', `There is no method "${open.method}".`)
    const params = shape.params.safeParse(open.params)
    if (!params.success) {
      const where = params.error.issues.map(
        (issue) => `${issue.path.join('.') || 'params'}: ${issue.message}`,
      )
      throw failed('invalid-params', `"${open.method}" was asked with wrong values. ${where.join('; ')}`)
    }
    return handlers[open.method as keyof C](params.data as never, context)
  }

  return {
    get openRequests() {
      return aborts.size
    },
    close() {
      loseAsker()
      session.close()
    },
  }
}
