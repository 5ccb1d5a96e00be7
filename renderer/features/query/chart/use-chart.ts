import { computed, onScopeDispose, shallowRef, watch, type ComputedRef, type ShallowRef } from 'vue'
import type { Chart } from '#contract/chart.ts'
import { readChunk } from '#contract/chunk/read.ts'
import type { ColumnInfo, RunId } from '#contract/run.ts'
import { askService } from '../../../ipc/ask.ts'
import { messageOf } from '../../../ipc/message-of.ts'
import { askResult } from '../look/derive.ts'
import type { Look } from '../look/look.ts'
import { askChart, type ChartData } from './ask-chart.ts'
import { firstChart, suits } from './choose-chart.ts'
import { columnKinds, type ChartColumn } from './column-kinds.ts'

/** Rows that tell what the columns are good for: the first ones, and as many from the middle. */
const SAMPLE_ROWS = 200

export interface ChartParts {
  readonly runId: () => RunId
  readonly columns: () => readonly ColumnInfo[]
  readonly rows: () => number
  readonly look: () => Look
  /** As it was chosen; null before that. */
  readonly chosen: () => Chart | null
  /** It is seen: what nobody sees is not worked out. */
  readonly active: () => boolean
}

export type ChartState =
  { readonly kind: 'idle' | 'working' | 'stopped' } | { readonly kind: 'failed'; readonly message: string }

export interface ChartUse {
  /** Undefined until some rows were looked at. */
  readonly columns: Readonly<ShallowRef<readonly ChartColumn[] | undefined>>
  /** The one that was chosen, where it suits the columns; else the one that suits them best. */
  readonly chart: ComputedRef<Chart | undefined>
  /** What is drawn, which may be an earlier one while the next is worked out. */
  readonly data: Readonly<ShallowRef<ChartData | undefined>>
  readonly state: Readonly<ShallowRef<ChartState>>
  stop(): void
  again(): void
}

/** Works out the chart of a finished result anew whenever something about it changes, and drops what was under way. */
export function useChart(parts: ChartParts): ChartUse {
  const columns = shallowRef<readonly ChartColumn[]>()
  const data = shallowRef<ChartData>()
  const state = shallowRef<ChartState>({ kind: 'idle' })
  let asking = new AbortController()
  /** What `data`, or what is under way, is about. */
  let subject = ''

  const chart = computed(() => {
    const known = columns.value
    const chosen = parts.chosen()
    if (!known) return undefined
    return chosen && suits(chosen, known) ? chosen : firstChart(known)
  })
  const wanted = computed(() => {
    const { filters, find } = parts.look()
    return JSON.stringify([parts.runId(), chart.value ?? null, filters, find])
  })

  async function sample(signal: AbortSignal): Promise<readonly ChartColumn[]> {
    const id = parts.runId()
    const middle = Math.floor(parts.rows() / 2)
    const places = middle > SAMPLE_ROWS ? [0, middle] : [0]
    const pages = await Promise.all(
      places.map((from) => askService('result.rows', { id, from, count: SAMPLE_ROWS }, { signal })),
    )
    return columnKinds(
      parts.columns().map(({ name }) => name),
      pages.map((page) => readChunk(page.chunk)),
    )
  }

  async function work(): Promise<void> {
    asking.abort()
    const { signal } = (asking = new AbortController())
    state.value = { kind: 'working' }
    try {
      columns.value ??= await sample(signal)
      signal.throwIfAborted()
      subject = wanted.value
      if (chart.value) {
        const source = { chart: chart.value, columns: columns.value, look: parts.look() }
        const answer = await askChart(source, (sql, most) => askResult(parts.runId(), sql, signal, most))
        signal.throwIfAborted()
        data.value = answer
      }
      state.value = { kind: 'idle' }
    } catch (error) {
      if (!signal.aborted) state.value = { kind: 'failed', message: messageOf(error) }
    }
  }

  watch(parts.runId, () => {
    columns.value = undefined
    data.value = undefined
  })
  watch(
    () => parts.active() && wanted.value,
    (now) => {
      if (now !== false && now !== subject) void work()
    },
    { immediate: true },
  )
  onScopeDispose(() => asking.abort())

  return {
    columns,
    chart,
    data,
    state,
    stop() {
      asking.abort()
      state.value = { kind: 'stopped' }
    },
    again: () => void work(),
  }
}
