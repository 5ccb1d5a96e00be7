import { isFinal, type CommandRun, type RunId } from '#contract/run.ts'
import type { ServiceContract } from '#contract/service.ts'
import type { UsageSample } from '#contract/usage.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import { attemptOf } from '../commands/attempt.ts'
import type { Platform } from '../platform/platform.ts'
import type { TreeMeter, TreeUsage } from '../platform/usage.ts'
import type { RunStore } from '../runs/run-store.ts'
import { thinOut } from './thin-out.ts'
import { appendSamples, readSamples } from './usage-file.ts'

/** A second is what a person sees move, and costs 0.5% of a core for a hundred processes. */
const SAMPLE_MS = 1_000
/** A command that is over by then is not looked at: of thousands of short ones nobody sees what each has used. */
const FIRST_LOOK_MS = 100
/** Samples that are written together: a crash loses no more than these seconds. */
const WRITTEN_TOGETHER = 10
/** Samples kept at hand for those who look at many commands at once: a minute. */
const AT_HAND = 60

export interface UsageOptions {
  readonly runs: RunStore
  readonly platform: Platform
  /** Absolute path of the folder in which each command run has one. */
  readonly folder: string
  /** Told of samples that could not be taken or kept; meant for the log. */
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** What commands use of the machine: sampled while they run, and kept with them. */
export interface Usage {
  readonly handlers: Pick<Handlers<ServiceContract>, 'usage.read' | 'usage.watch'>
  /** What a command has used in the last minute, the latest last; empty for one that does not run. */
  glance(id: RunId): readonly UsageSample[]
  /** Ends the sampling, with all samples on disk. */
  close(): Promise<void>
}

/** A command that is being sampled. */
interface Sampled {
  readonly meter: TreeMeter
  readonly attempt: number
  before: { readonly usage: TreeUsage; readonly at: number } | undefined
  /** Not on disk yet. */
  unwritten: UsageSample[]
  /** Of the last minute. */
  latest: UsageSample[]
  readonly watchers: Set<(sample: UsageSample | undefined) => void>
}

/** Samples every command of the run store from its beginning, or from its adoption, to its end. */
export function openUsage({ runs, platform, folder, onTrouble }: UsageOptions): Usage {
  const sampled = new Map<RunId, Sampled>()
  let round: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  const writing = new Set<Promise<void>>()

  const stopWatching = runs.watch((run) => {
    if (run.kind !== 'command') return
    // One that waits for its next attempt has other processes then.
    if (isFinal(run.state) || run.state.kind === 'queued') end(run.id)
    else begin(run)
  })

  function begin({ id, state, attempt }: CommandRun): void {
    if (state.kind !== 'running' || state.pid === undefined || sampled.has(id)) return
    const meter = platform.treeMeter(state.pid)
    if (!meter) return
    sampled.set(id, { meter, attempt, before: undefined, unwritten: [], latest: [], watchers: new Set() })
    // The first look is the measure that the cores of the next one are reckoned from.
    setTimeout(() => void sample(id), FIRST_LOOK_MS).unref()
    timer ??= setInterval(() => {
      round ??= sampleAll().finally(() => (round = undefined))
    }, SAMPLE_MS)
  }

  function end(id: RunId): void {
    const entry = sampled.get(id)
    if (!entry) return
    sampled.delete(id)
    if (sampled.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
    for (const tell of entry.watchers) tell(undefined)
    write(id, entry)
    entry.meter.close().catch((error: unknown) => onTrouble(`The meter of run ${id} did not close.`, error))
  }

  async function sampleAll(): Promise<void> {
    for (const id of [...sampled.keys()]) await sample(id)
  }

  async function sample(id: RunId): Promise<void> {
    const entry = sampled.get(id)
    if (!entry) return
    try {
      const usage = await entry.meter.measure()
      const at = performance.now()
      if (!usage || !sampled.has(id)) return
      const { before } = entry
      entry.before = { usage, at }
      const ms = before ? at - before.at : Infinity
      // A child's time is seen twice for a moment when it ends between two reads, and then once.
      const used = before ? Math.max(0, usage.processorMs - before.usage.processorMs) : 0
      const { memoryBytes, readBytes, writtenBytes, processes } = usage
      const taken = {
        at: Date.now(),
        cores: used / ms,
        memoryBytes,
        readBytes,
        writtenBytes,
        processes,
      }
      entry.unwritten.push(taken)
      entry.latest.push(taken)
      if (entry.latest.length > AT_HAND) entry.latest.shift()
      for (const tell of entry.watchers) tell(taken)
      if (entry.unwritten.length >= WRITTEN_TOGETHER) write(id, entry)
    } catch (error) {
      onTrouble(`What run ${id} uses could not be read.`, error)
    }
  }

  function write(id: RunId, entry: Sampled): void {
    const samples = entry.unwritten
    entry.unwritten = []
    if (samples.length === 0) return
    const written = appendSamples(attemptOf(folder, id, entry.attempt).usage, samples).catch(
      (error: unknown) => onTrouble(`What run ${id} has used could not be written down.`, error),
    )
    writing.add(written)
    void written.finally(() => writing.delete(written))
  }

  async function commandRun(id: RunId): Promise<CommandRun> {
    const run = await runs.get(id)
    if (!run) throw failed('not-found', `There is no run ${id}. It may have been deleted from the history.`)
    if (run.kind !== 'command')
      throw failed('not-found', `Run ${id} is no command: what it uses is not sampled.`)
    return run
  }

  return {
    handlers: {
      async 'usage.read'({ id, points }, { signal }) {
        const { attempt } = await commandRun(id)
        await Promise.all(writing)
        const thinned = thinOut(points)
        let processorMs = 0
        let peakMemoryBytes = 0
        let before: number | undefined
        const unwritten = [...(sampled.get(id)?.unwritten ?? [])]
        const add = (sample: UsageSample): void => {
          thinned.add(sample)
          processorMs += sample.cores * (sample.at - (before ?? sample.at))
          peakMemoryBytes = Math.max(peakMemoryBytes, sample.memoryBytes)
          before = sample.at
        }
        for await (const sample of readSamples(attemptOf(folder, id, attempt).usage)) {
          signal.throwIfAborted()
          add(sample)
        }
        for (const sample of unwritten) add(sample)
        return { samples: thinned.samples, processorMs: Math.round(processorMs), peakMemoryBytes }
      },

      async 'usage.watch'({ id }, { signal, offer }) {
        await commandRun(id)
        const entry = sampled.get(id)
        if (!entry) return {}
        await new Promise<void>((resolve) => {
          const tell = (sample: UsageSample | undefined): void => {
            // A reader that is slow gets the next one: none of them is of use when it is late.
            if (sample) offer(sample)
            else settle()
          }
          const settle = (): void => {
            entry.watchers.delete(tell)
            signal.removeEventListener('abort', settle)
            resolve()
          }
          entry.watchers.add(tell)
          signal.addEventListener('abort', settle)
          if (signal.aborted) settle()
        })
        signal.throwIfAborted()
        return {}
      },
    },

    glance: (id) => sampled.get(id)?.latest ?? [],

    async close() {
      stopWatching()
      clearInterval(timer)
      await round
      for (const id of [...sampled.keys()]) end(id)
      await Promise.all(writing)
    },
  }
}
