import { isAbsolute, resolve } from 'node:path'
import { runId } from '#contract/run-id.ts'
import type { Opening } from '#contract/opening.ts'

const LINK = /^offloop:/iu
const RUN_LINK = /^offloop:\/\/run\/(\d+)\/?$/iu
/** Of a link that is shown because it is not understood. */
const MAX_SHOWN_LINK = 200

/** What the person asked from outside to see, until a window takes it. */
export interface Openings {
  add(wanted: readonly Opening[]): void
  /** Gives each opening once, as it comes. Ends with the signal. */
  take(signal: AbortSignal): AsyncGenerator<Opening>
}

export function makeOpenings(): Openings {
  const waiting: Opening[] = []
  let wake = (): void => undefined
  return {
    add(wanted) {
      waiting.push(...wanted)
      wake()
    },
    async *take(signal) {
      while (!signal.aborted) {
        const next = waiting.shift()
        if (next) yield next
        else
          await new Promise<void>((resolve) => {
            wake = resolve
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
      }
    },
  }
}

/**
 * What the words of a start ask for: files by their paths and links. A link only ever shows what is there: whoever made it,
 * nothing is opened, run or changed by it.
 * @param words of the start, switches among them, without the program.
 * @param folder to which their paths are relative.
 * @param app the app's own folder, which is one of the words while Offloop is not packaged.
 */
export function openingsOf(words: readonly string[], folder: string, app: string): Opening[] {
  return words
    .filter((word) => word !== '' && !word.startsWith('-'))
    .map((word) => (LINK.test(word) ? openingOfLink(word) : openingOfFile(resolve(folder, word))))
    .filter((wanted) => wanted.kind !== 'file' || wanted.path !== resolve(app))
}

export function openingOfLink(link: string): Opening {
  const id = runId.safeParse(Number(RUN_LINK.exec(link)?.[1]))
  return id.success
    ? { kind: 'run', id: id.data }
    : { kind: 'unknown-link', link: link.slice(0, MAX_SHOWN_LINK) }
}

/** @param path absolute, as the system gives it. */
export function openingOfFile(path: string): Opening {
  if (!isAbsolute(path)) throw new Error(`"${path}" is not absolute.`)
  return { kind: 'file', path }
}
