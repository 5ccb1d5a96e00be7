import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { DiffIgnore, OutputChange } from '#contract/output-diff.ts'
import { service } from '../../ipc/ask.ts'
import { messageOf } from '../../ipc/message-of.ts'
import type { DiffSides } from './read-rows.ts'

/** More are counted, but not shown: 10 MB of rows. The command line writes all. */
const MOST_CHANGES = 100_000

/** How a comparison stands. */
export type DiffState =
  | { readonly kind: 'comparing'; readonly fraction: number; readonly changes: number }
  | {
      readonly kind: 'compared'
      readonly changes: readonly OutputChange[]
      readonly total: number
      readonly removed: number
      readonly added: number
      /** As far as the changes are shown. */
      readonly afterLines: number
    }
  | { readonly kind: 'failed'; readonly message: string }

/** Compares two outputs, anew whenever something else is to be left out of it. */
export function useDiff(sides: () => DiffSides, ignore: () => DiffIgnore): Readonly<ShallowRef<DiffState>> {
  const state = shallowRef<DiffState>({ kind: 'comparing', fraction: 0, changes: 0 })
  let running: AbortController | undefined

  async function compare({ signal }: AbortController): Promise<void> {
    state.value = { kind: 'comparing', fraction: 0, changes: 0 }
    const changes: OutputChange[] = []
    try {
      const client = await service(signal)
      const comparing = client.stream('output.diff', { ...sides(), ignore: ignore() }, { signal, credit: 1 })
      comparing.result.catch(() => undefined)
      for await (const { found, fraction, changes: count } of comparing) {
        if (signal.aborted) return
        changes.push(...found.slice(0, MOST_CHANGES - changes.length))
        state.value = { kind: 'comparing', fraction, changes: count }
      }
      const { removed, added, changes: total, afterLines } = await comparing.result
      const last = changes.at(-1)
      const shownLines = last && total > changes.length ? last[2] + last[3] : afterLines
      state.value = { kind: 'compared', changes, total, removed, added, afterLines: shownLines }
    } catch (error) {
      if (!signal.aborted) state.value = { kind: 'failed', message: messageOf(error) }
    }
  }

  function start(): void {
    running?.abort()
    running = new AbortController()
    void compare(running)
  }
  watch([sides, ignore], start, { immediate: true })
  onScopeDispose(() => running?.abort())
  return state
}
