import type { Work } from '#contract/desktop.ts'
import type { RunId } from '#contract/run-id.ts'
import { harmlessText } from '#contract/harmless-text.ts'
import { messages } from '../messages.ts'

/** The most code units of a run's text in a menu: beyond that it grows wider than one reads. */
const MOST_TEXT = 60

/** An entry of the tray's menu; without an action it only says something. */
export type TrayItem =
  { readonly kind: 'line' } | { readonly kind: 'entry'; readonly label: string; readonly action?: TrayAction }

export type TrayAction =
  | { readonly kind: 'show' | 'quit' }
  | { readonly kind: 'run'; readonly id: RunId }
  | { readonly kind: 'pools'; readonly how: 'pause' | 'resume' }

/** What the menu of the tray says of the work at this moment. @param paused nothing starts, because every pool is paused. */
export function trayMenu(work: Work, paused: boolean): TrayItem[] {
  const words = messages().tray
  const running = work.commands + work.others
  const unnamed = running - work.runs.length
  return [
    { kind: 'entry', label: words.show, action: { kind: 'show' } },
    { kind: 'line' },
    { kind: 'entry', label: words.atWork(running, work.waiting) },
    ...work.runs.map(({ id, text, fraction }): TrayItem => {
      const share = fraction === null ? '' : ` · ${Math.floor(fraction * 100)}%`
      // An ampersand would underline the next letter, and be gone.
      const label = harmlessText(text, MOST_TEXT).replaceAll('&', '&&')
      return { kind: 'entry', label: `#${id} ${label}${share}`, action: { kind: 'run', id } }
    }),
    ...(unnamed > 0 ? [{ kind: 'entry', label: words.more(unnamed) } as const] : []),
    { kind: 'line' },
    {
      kind: 'entry',
      label: paused ? words.resume : words.pause,
      action: { kind: 'pools', how: paused ? 'resume' : 'pause' },
    },
    { kind: 'line' },
    { kind: 'entry', label: messages().quit, action: { kind: 'quit' } },
  ]
}
