import type { AppContract, LeavingAnswer } from '#contract/app.ts'
import type { ItemOf } from '#contract/channel.ts'
import type { Work } from '#contract/desktop.ts'
import { emitEach } from '#kit/emit-each.ts'
import type { Handlers } from '#kit/serve.ts'

/** How long a page may take to say that it asks: it need only draw a dialog. In milliseconds. */
const SEEN_WITHIN_MS = 3_000

type Item = ItemOf<AppContract, 'leaving.ask'>

/** Has a page ask the person what becomes of runs. */
export interface PageQuestions<Page extends object> {
  /** The answer; undefined when the page does not ask: it is gone, hangs, or has never come. */
  ask(page: Page, work: Work): Promise<LeavingAnswer | undefined>
  /** Gives up what a page was to ask, because it does not respond any more. */
  giveUp(page: Page): void
  handlers(page: Page): Pick<Handlers<AppContract>, 'leaving.ask' | 'leaving.seen' | 'leaving.answer'>
}

interface OpenQuestion<Page> {
  readonly page: Page
  seen(): void
  settle(answer: LeavingAnswer | undefined): void
}

export function makePageQuestions<Page extends object>(seenWithinMs = SEEN_WITHIN_MS): PageQuestions<Page> {
  const pages = new Map<Page, (item: Item) => void>()
  const open = new Map<number, OpenQuestion<Page>>()
  let nextId = 0

  function giveUp(page: Page): void {
    for (const question of [...open.values()]) if (question.page === page) question.settle(undefined)
  }

  return {
    async ask(page, { commands, others, waiting }) {
      const tell = pages.get(page)
      if (!tell) return undefined
      const id = nextId++
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(undefined), seenWithinMs)
        function settle(answer: LeavingAnswer | undefined): void {
          clearTimeout(timer)
          open.delete(id)
          resolve(answer)
        }
        open.set(id, { page, seen: () => clearTimeout(timer), settle })
        tell({ question: id, commands, others, waiting })
      })
    },

    giveUp,

    handlers: (page) => ({
      'leaving.ask': (_params, context) =>
        emitEach(context, (tell) => {
          pages.set(page, tell)
          return () => {
            // A page that was loaded again may listen already.
            if (pages.get(page) !== tell) return
            pages.delete(page)
            giveUp(page)
          }
        }),
      'leaving.seen'({ question }) {
        open.get(question)?.seen()
        return { wanted: open.has(question) }
      },
      'leaving.answer'({ question, ...answer }) {
        open.get(question)?.settle(answer)
        return {}
      },
    }),
  }
}
