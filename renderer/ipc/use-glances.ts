import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { ResultOf } from '#contract/channel.ts'
import type { RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import { serviceSession } from './sessions.ts'

/** As often as the service samples. */
const GLANCE_EVERY_MS = 1_000
/** One question is of so many. */
const MAX_ASKED = 200

export type Glance = ResultOf<ServiceContract, 'usage.glance'>['runs'][number]

/** What the running commands that are on screen use just now, until the surrounding scope is gone. */
export function useGlances(shown: () => readonly RunId[]): Readonly<ShallowRef<ReadonlyMap<RunId, Glance>>> {
  const glances = shallowRef<ReadonlyMap<RunId, Glance>>(new Map())
  let asking = false

  async function look(): Promise<void> {
    const ids = shown().slice(0, MAX_ASKED)
    if (asking || document.hidden || !serviceSession.value || (ids.length === 0 && glances.value.size === 0))
      return
    asking = true
    try {
      const { runs } =
        ids.length === 0 ? { runs: [] } : await serviceSession.value.call('usage.glance', { ids })
      glances.value = new Map(runs.map((glance) => [glance.id, glance]))
    } catch {
      // The service is being started again: the next look, in a second, finds the new one.
      glances.value = new Map()
    } finally {
      asking = false
    }
  }

  const timer = setInterval(() => void look(), GLANCE_EVERY_MS)
  onScopeDispose(() => clearInterval(timer))
  return glances
}
