import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import type { ResultOf } from '#contract/channel.ts'
import type { RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { UsageSample } from '#contract/usage.ts'
import { askService } from '../../ipc/ask.ts'
import { follow } from '../../ipc/follow.ts'
import { messageOf } from '../../ipc/message-of.ts'
import { serviceSession } from '../../ipc/sessions.ts'

/** As many as a wide graph has pixels to tell apart. */
const POINTS = 600

export type UsageSoFar = ResultOf<ServiceContract, 'usage.read'>

/** What a command uses of the machine: so far, and each second more. */
export interface UsageSamples {
  /** Undefined while it is being read. */
  readonly usage: Readonly<ShallowRef<UsageSoFar | undefined>>
  readonly trouble: Readonly<ShallowRef<string | undefined>>
}

/** Follows what a command uses until the surrounding scope is gone. */
export function useUsageSamples(id: RunId): UsageSamples {
  const usage = shallowRef<UsageSoFar>()
  const trouble = shallowRef<string>()

  async function read(): Promise<void> {
    try {
      usage.value = await askService('usage.read', { id, points: POINTS })
      trouble.value = undefined
    } catch (error) {
      trouble.value = messageOf(error)
    }
  }

  function take(sample: UsageSample): void {
    const { value: known } = usage
    if (!known) return
    // Thinned out anew by the service, which has them all.
    if (known.samples.length >= 2 * POINTS) return void read()
    const before = known.samples.at(-1)
    if (before && before.at >= sample.at) return
    usage.value = {
      samples: [...known.samples, sample],
      processorMs: known.processorMs + sample.cores * (sample.at - (before?.at ?? sample.at)),
      peakMemoryBytes: Math.max(known.peakMemoryBytes, sample.memoryBytes),
    }
  }

  onScopeDispose(
    follow(serviceSession, {
      open(client, signal) {
        // Watching begins before reading, so that no sample between the two is missed.
        const watching = client.stream('usage.watch', { id }, { signal })
        void read()
        return watching
      },
      onItem: take,
      onEnd: () => void read(),
    }),
  )
  return { usage, trouble }
}
