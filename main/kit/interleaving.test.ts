import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dialings, openChannel } from './channel-fixture.ts'
import { RequestFailed } from './request-failed.ts'

/**
 * Random programs against the protocol over real ports: producers that emit, offer, pause, fail or end, readers that
 * read, pause, cancel, leave or lose the session, all at once on one session. What must hold is the same every time.
 */

const producerStep = fc.oneof(
  { weight: 6, arbitrary: fc.constant('emit' as const) },
  { weight: 2, arbitrary: fc.constant('offer' as const) },
  { weight: 2, arbitrary: fc.constant('pause' as const) },
  { weight: 1, arbitrary: fc.constant('fail' as const) },
)
const readerStep = fc.oneof(
  { weight: 6, arbitrary: fc.constant('read' as const) },
  { weight: 3, arbitrary: fc.constant('pause' as const) },
  { weight: 1, arbitrary: fc.constant('cancel' as const) },
  { weight: 1, arbitrary: fc.constant('leave' as const) },
)
const conversation = fc.record({
  credit: fc.integer({ min: 1, max: 6 }),
  producer: fc.array(producerStep, { maxLength: 25 }),
  reader: fc.array(readerStep, { maxLength: 25 }),
})
const program = fc.record({
  dialing: fc.constantFrom(...dialings),
  conversations: fc.array(conversation, { minLength: 1, maxLength: 6 }),
  /** After how many turns of the loop the session is cut, and by whom. */
  cut: fc.option(
    fc.record({ after: fc.integer({ min: 0, max: 15 }), by: fc.constantFrom('asker', 'answerer') }),
  ),
})

/** Turns of the loop after which nothing can still be under way in a program of this size. */
const TURNS_TO_SETTLE = 2_000

describe('any interleaving of items, credits, cancels and closes', () => {
  it('ends every request exactly once, in order, within its credit, and leaves nothing open', async () => {
    await fc.assert(
      fc.asyncProperty(program, async ({ dialing, conversations, cut }) => {
        const accepted: number[][] = conversations.map(() => [])
        const ahead = conversations.map(() => ({ sent: 0, consumed: 0, most: 0 }))
        const handlersEnded: number[] = conversations.map(() => 0)

        const channel = openChannel(dialing, {
          echo: ({ text }) => ({ text }),
          async count({ to: which }, context) {
            const log = accepted[which] ?? []
            const window = ahead[which] ?? { sent: 0, consumed: 0, most: 0 }
            const note = (n: number): void => {
              log.push(n)
              window.sent += 1
              window.most = Math.max(window.most, window.sent - window.consumed)
            }
            try {
              let n = 0
              for (const step of conversations[which]?.producer ?? []) {
                if (step === 'emit') {
                  await context.emit(n)
                  note(n++)
                } else if (step === 'offer') {
                  if (context.offer(n)) note(n)
                  n++
                } else if (step === 'pause') await turn()
                else throw new RequestFailed({ code: 'database', message: 'as the program says' })
              }
              return { sent: log.length }
            } finally {
              handlersEnded[which] = (handlersEnded[which] ?? 0) + 1
            }
          },
        })

        let settled = 0
        const readers = conversations.map(async ({ credit, reader }, which) => {
          const cancel = new AbortController()
          const stream = channel.client.stream('count', { to: which }, { credit, signal: cancel.signal })
          const seen: number[] = []
          const outcome = stream.result.then(
            (value) => ({ ok: true as const, value }),
            (error: unknown) => ({ ok: false as const, error }),
          )
          void outcome.then(() => (settled += 1))
          const iterator = stream[Symbol.asyncIterator]()
          const readOne = async (): Promise<boolean> => {
            const next = await iterator.next().catch(() => ({ done: true as const }))
            if (next.done) return false
            seen.push(next.value)
            const window = ahead[which]
            if (window) window.consumed += 1
            return true
          }
          let left = false
          for (const step of reader) {
            if (step === 'read') {
              if (!(await readOne())) break
            } else if (step === 'pause') await turn()
            else if (step === 'cancel') cancel.abort()
            else {
              left = true
              await iterator.return?.()
              break
            }
          }
          if (!left) while (await readOne());
          return { seen, left, outcome: await outcome }
        })

        if (cut) {
          for (let n = 0; n < cut.after; n++) await turn()
          if (cut.by === 'asker') channel.near.close()
          else channel.far.close()
        }
        const hanging = (async () => {
          for (let n = 0; n < TURNS_TO_SETTLE; n++) await turn()
          return 'a request hangs' as const
        })()
        const ended = await Promise.race([Promise.all(readers), hanging])
        if (ended === 'a request hangs') throw new Error(ended)

        for (const [which, { seen, left, outcome }] of ended.entries()) {
          const sent = accepted[which] ?? []
          expect(seen, 'items arrive in order, none doubled, none invented').toEqual(
            sent.slice(0, seen.length),
          )
          if (outcome.ok && !left) expect(seen, 'an ended stream has brought everything').toEqual(sent)
          if (!outcome.ok) {
            expect(outcome.error).toBeInstanceOf(RequestFailed)
            if (outcome.error instanceof RequestFailed)
              expect(['cancelled', 'database', 'host-lost']).toContain(outcome.error.code)
          }
          // The consumer's count lags by the item in its hand, whose credit it has not returned yet.
          expect(ahead[which]?.most ?? 0).toBeLessThanOrEqual((conversations[which]?.credit ?? 0) + 1)
        }
        expect(settled).toBe(conversations.length)
        for (let n = 0; n < TURNS_TO_SETTLE && channel.serving.openRequests > 0; n++) await turn()
        expect(channel.serving.openRequests, 'a slot is still taken').toBe(0)
        expect(Math.max(...handlersEnded), 'a handler ran twice').toBeLessThanOrEqual(1)
        expect(channel.trouble).toEqual([])
        channel.close()
      }),
      { numRuns: 400 },
    )
  })
})
