import type { OutputPart } from '#contract/output-part.ts'
import type { CommandRun, RunId } from '#contract/run.ts'
import { askApp, askService } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { t, tCount } from '../../messages/words.ts'
import { writeClipboard } from '../../ui/clipboard.ts'
import { formatCount } from '../../ui/format/number.ts'
import type { LineRange } from '../../ui/log/mount-log.ts'
import { showDone, showError } from '../../ui/toasts.ts'
import { earlierRun } from './earlier-run.ts'

/** What is known of the output at the moment of an action. */
interface ShownOutput {
  readonly command: () => CommandRun | undefined
  readonly part: () => OutputPart
  /** How many there are. */
  readonly lines: () => number
  readonly compare: (before: RunId, after: RunId) => void
}

/** What one can do with the output of a command; failures are said in a message. */
export function outputActions(runId: RunId, { command, part, lines, compare }: ShownOutput) {
  async function copy(range: LineRange | undefined): Promise<void> {
    const wanted = range ?? { from: 0, count: lines() }
    if (wanted.count === 0) return
    try {
      const { text } = await askService('output.copy', { id: runId, part: part(), ...wanted })
      await writeClipboard(text)
      showDone(tCount('log.copied', wanted.count, formatCount(wanted.count)))
    } catch (error) {
      showError(t('log.copyFailed'), messageOf(error))
    }
  }

  async function saveCopy(): Promise<void> {
    const run = command()
    if (!run) return
    const { attempt } = run
    try {
      const { path } = await askApp('dialog.saveFile', { name: `run-${runId}.log` })
      if (path === null) return
      await askApp('output.saveCopy', { id: runId, attempt, to: path })
      showDone(t('log.saved', { path }))
    } catch (error) {
      showError(t('log.saveFailed'), messageOf(error))
    }
  }

  async function compareWithEarlier(): Promise<void> {
    const run = command()
    if (!run) return
    try {
      const earlier = await earlierRun(run)
      if (earlier === undefined) showDone(t('diff.noEarlier'))
      else compare(earlier, runId)
    } catch (error) {
      showError(t('diff.failed'), messageOf(error))
    }
  }

  async function openElsewhere(): Promise<void> {
    const run = command()
    if (!run) return
    try {
      await askApp('output.open', { id: runId, attempt: run.attempt })
    } catch (error) {
      showError(t('log.openFailed'), messageOf(error))
    }
  }

  async function reveal(): Promise<void> {
    const run = command()
    if (!run) return
    try {
      await askApp('output.reveal', { id: runId, attempt: run.attempt })
    } catch (error) {
      showError(t('log.revealFailed'), messageOf(error))
    }
  }

  return { copy, saveCopy, compareWithEarlier, openElsewhere, reveal }
}
