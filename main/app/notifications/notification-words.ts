import type { Notification } from '#contract/desktop.ts'
import { messages } from '../messages.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** What a notification says. */
export interface NotificationWords {
  readonly title: string
  readonly body: string
}

/** A notification in the words of the current language. What others have written in it stays text. */
export function notificationWords(told: Notification): NotificationWords {
  const words = messages().told
  switch (told.kind) {
    case 'done':
      return { title: words.done, body: `${told.text}\n${words.took(duration(told.tookMs))}` }
    case 'failed': {
      const why = told.exitCode === null ? [] : [words.exitCode(told.exitCode)]
      const took = told.tookMs === null ? [] : [words.took(duration(told.tookMs))]
      return {
        title: words.failed,
        body: [told.text, [...why, ...took].join(' · ')].filter(Boolean).join('\n'),
      }
    }
    case 'asks':
      return { title: words.asks, body: `${told.text}\n${told.prompt}` }
    case 'quiet':
      return { title: words.quiet(duration(told.quietMs)), body: told.text }
    case 'batch':
      return { title: words.batch, body: words.counts(told.done, told.notDone) }
    case 'more':
      return {
        title: words.more(told.done + told.notDone + told.others),
        body: words.counts(told.done, told.notDone),
      }
    default:
      return told satisfies never
  }
}

/** As one says it in passing: one unit, or two for hours. */
function duration(ms: number): string {
  const { seconds, minutes, hours } = messages().told
  if (ms < MINUTE_MS) return seconds(Math.round(ms / SECOND_MS))
  if (ms < HOUR_MS) return minutes(Math.round(ms / MINUTE_MS))
  return hours(Math.floor(ms / HOUR_MS), Math.round((ms % HOUR_MS) / MINUTE_MS))
}
