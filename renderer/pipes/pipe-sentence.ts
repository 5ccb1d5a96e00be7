import { whoWaits, type Pipe } from '#contract/pipe.ts'
import { t } from '../messages/words.ts'

/** How a pipe stands and who waits for whom, or how it has ended. */
export function pipeSentence(pipe: Pipe): string {
  const { state } = pipe
  switch (state.kind) {
    case 'waiting':
      return t('pipes.waiting')
    case 'flowing':
      return flowing(pipe)
    case 'whole':
      return t('pipes.whole')
    case 'ended-early':
      return state.run === null ? t('pipes.someEarly') : t('pipes.early', { run: String(state.run) })
    case 'cut':
      return state.run === null ? t('pipes.someCut') : t('pipes.cut', { run: String(state.run) })
    case 'broken':
      return t('pipes.broken')
    default:
      return state satisfies never
  }
}

function flowing(pipe: Pipe): string {
  const waiting = whoWaits(pipe)
  switch (waiting) {
    case 'writers':
      return t('pipes.full', { runs: runsOf(pipe.writers) })
    case 'readers':
      return t('pipes.empty', { runs: runsOf(pipe.readers) })
    case 'nobody':
      return t('pipes.flowing')
    default:
      return waiting satisfies never
  }
}

function runsOf(ends: readonly { readonly run: number }[]): string {
  return ends.map(({ run }) => String(run)).join(', ')
}
