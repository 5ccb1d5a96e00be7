import { MessageChannel } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import type { RunId } from '#contract/run.ts'
import { serviceUsage, type UsageSample } from '#contract/usage.ts'
import { connect } from '#kit/client.ts'
import { dialWithEnvelopes } from '#kit/dial.ts'
import { nodePort } from '#kit/node-port.ts'
import { serve } from '#kit/serve.ts'
import { thisPlatform } from '../platform/this-platform.ts'
import type { RunStore } from '../runs/run-store.ts'
import { openUsage } from './open-usage.ts'

/** Samples the commands of a service that is under test, and asks for the samples over a real port. */
export function sampling({ runs, runsFolder }: { readonly runs: RunStore; readonly runsFolder: string }) {
  const troubles: string[] = []
  const onTrouble = (message: string, cause?: unknown): void =>
    void troubles.push(`${message} ${String(cause)}`)
  const usage = openUsage({ runs, platform: thisPlatform(), folder: runsFolder, onTrouble })
  const { port1, port2 } = new MessageChannel()
  serve(serviceUsage, nodePort(port1), usage.handlers, { onTrouble })
  const session = nodePort(port2)
  const client = connect(serviceUsage, session, dialWithEnvelopes(session))
  onTestFinished(async () => {
    session.close()
    await usage.close()
    if (troubles.length > 0) throw new Error(troubles.join('\n'))
  })
  return {
    read: (id: RunId, points: number) => client.call('usage.read', { id, points }),
    /** Ends when the command does. */
    async watch(id: RunId, onSample: (sample: UsageSample) => void): Promise<void> {
      for await (const sample of client.stream('usage.watch', { id })) onSample(sample)
    },
  }
}
