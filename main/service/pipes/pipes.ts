import { EventEmitter, once } from 'node:events'
import type { PipeId } from '#contract/pipe-id.ts'
import { isPipeOver, type Pipe, type PipeRequest, type servicePipes } from '#contract/pipe.ts'
import { isFinal, type Run, type RunId } from '#contract/run.ts'
import type { Handlers } from '#kit/serve.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Scheduler } from '../scheduler/open-scheduler.ts'
import type { Transfers } from '../transfers/transfers.ts'
import { hasBegun, isBrokenOff } from './broken-off.ts'
import { makePipes, type PipeMaking } from './make-pipes.ts'
import type { LivePipe, Pumps } from './pumps.ts'

export interface PipesOptions {
  readonly store: RunStore
  readonly pumps: Pumps
  readonly scheduler: Scheduler
  readonly vault: PipeMaking['vault']
  readonly transfers: Pick<Transfers, 'begin' | 'cancel'>
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** Runs that are joined by buffers. */
export interface Pipes {
  readonly handlers: Handlers<typeof servicePipes>
  /** Makes a pipe and lets it begin. @throws RequestFailed when it is refused. */
  make(request: PipeRequest, signal: AbortSignal): Promise<{ pipes: Pipe[]; runs: Run[] }>
  /** Takes up what an earlier service has left, after its runs and buffers were. */
  restore(): Promise<void>
  close(): void
}

/** Starts the runs of pipes together, and lets each hear of the end of the others. */
export function openPipes({ store, pumps, scheduler, transfers, vault, onTrouble }: PipesOptions): Pipes {
  const ofRun = new Map<RunId, Set<PipeId>>()
  /** The last known kind of state of each run of a pipe that is not over. */
  const kinds = new Map<RunId, Run['state']['kind']>()
  /** What was said to the process of a pipe already. */
  const said = new Map<PipeId, Set<string>>()
  const begun = new Set<RunId>()
  const turns = new Map<PipeId, Promise<void>>()
  let closed = false
  /** What an earlier service has left is not looked at before its runs were taken up. */
  let isRestored = false

  const stopWatching = store.watch((run) => {
    const pipes = ofRun.get(run.id)
    if (!pipes || kinds.get(run.id) === run.state.kind) return
    kinds.set(run.id, run.state.kind)
    for (const id of pipes) settle(id)
    // Those that start with it may be of other pipes.
    for (const { id, content } of pumps.all()) if (content.leader === run.id) settle(id)
  })
  const stopListening = pumps.watch(({ id, state }) => {
    if (isPipeOver(state)) settle(id)
  })

  function enter({ id, content: { writers, readers } }: LivePipe): void {
    for (const { run } of [...writers, ...readers]) {
      const pipes = ofRun.get(run) ?? new Set()
      ofRun.set(run, pipes.add(id))
    }
  }

  /** Looks at a pipe once whatever is done for it now is done. */
  function settle(id: PipeId): void {
    if (!isRestored) return
    const before = turns.get(id) ?? Promise.resolve()
    const turn = before
      .then(() => look(id))
      .catch((error: unknown) => {
        if (!closed) onTrouble(`Pipe ${id} could not be looked at.`, error)
      })
    turns.set(id, turn)
    void turn.then(() => {
      if (turns.get(id) === turn) turns.delete(id)
    })
  }

  /** Does what follows from how the runs of a pipe are. Doing it again changes nothing. */
  async function look(id: PipeId): Promise<void> {
    const pipe = pumps.present(id)
    if (closed || !pipe) return
    const { content } = pipe
    const { leader: first } = content
    if (first === null) return
    const writers = await runsOf(content.writers)
    const readers = await runsOf(content.readers)
    const leader = await store.get(first)
    const all = [...readers, ...writers]
    const brokenWriter = writers.find(({ run }) => isBrokenOff(run, content.strict))
    const broken = brokenWriter ?? readers.find(({ run }) => isBrokenOff(run, false))
    if (pipe.stored.state.kind === 'broken') {
      // Readers are at the end of their input already, and fail when they have ended.
      await Promise.all(writers.map(({ run }) => stop(run)))
    } else if (broken) {
      if (brokenWriter) await say(id, `cut ${brokenWriter.number}`)
      await Promise.all(all.map(({ run }) => stop(run)))
      await pumps.giveUp(id, { kind: 'cut', run: broken.run.id })
    } else if (leader && hasBegun(leader.state)) {
      for (const { run } of all) if (run.state.kind === 'queued' && run.id !== leader.id) begin(run)
    }
    for (const { number, run } of writers) if (isFinal(run.state)) await say(id, `pass ${number}`)
    // Those that were stopped just now have ended since.
    for (const { number, run } of await runsOf(content.readers)) {
      if (run.kind === 'command' && (run.state.kind === 'running' || run.state.kind === 'paused'))
        await say(id, `came ${number}`)
      if (isFinal(run.state)) await say(id, `gone ${number}`)
    }
    const latest = await runsOf([...content.readers, ...content.writers])
    if (!isPipeOver(pipe.stored.state) || !latest.every(({ run }) => isFinal(run.state))) return
    for (const { run } of latest) leave(run.id, id)
    said.delete(id)
    await pumps.forget(id)
  }

  async function runsOf(
    ends: readonly { readonly run: RunId }[],
  ): Promise<{ readonly number: number; readonly run: Run }[]> {
    const runs = await Promise.all(ends.map(({ run }) => store.get(run)))
    return runs.flatMap((run, index) => (run ? [{ number: index + 1, run }] : []))
  }

  async function say(id: PipeId, word: string): Promise<void> {
    const words = said.get(id) ?? new Set()
    if (words.has(word)) return
    said.set(id, words.add(word))
    await pumps.tell(id, word)
  }

  function begin(run: Run): void {
    if (begun.has(run.id)) return
    begun.add(run.id)
    if (run.kind === 'command') scheduler.begin(run.id)
    else if (run.kind === 'transfer')
      transfers
        .begin(run)
        .catch((error: unknown) => onTrouble(`Run ${run.id} could not be carried out.`, error))
  }

  async function stop({ id, kind, state }: Run): Promise<void> {
    if (isFinal(state)) return
    await (kind === 'command' ? scheduler.cancel(id) : transfers.cancel(id))
  }

  function leave(run: RunId, pipe: PipeId): void {
    const pipes = ofRun.get(run)
    pipes?.delete(pipe)
    if (pipes?.size !== 0) return
    ofRun.delete(run)
    kinds.delete(run)
    begun.delete(run)
  }

  async function make(request: PipeRequest, signal: AbortSignal): Promise<{ pipes: Pipe[]; runs: Run[] }> {
    const { pipes, runs } = await makePipes({ store, pumps, scheduler, vault, signal }, request)
    for (const { id } of pipes) {
      const pipe = pumps.present(id)
      if (!pipe) continue
      enter(pipe)
      // One of its runs may have been cancelled already.
      settle(id)
    }
    const [first] = runs
    if (first?.kind === 'transfer') begin(first)
    else if (first && !request.terms?.held) await scheduler.resume(first.id)
    return {
      pipes: await Promise.all(pipes.map(({ id }) => pumps.get(id))),
      runs: (await Promise.all(runs.map(({ id }) => store.get(id)))).flatMap((run) => run ?? []),
    }
  }

  return {
    make,
    handlers: {
      'pipe.run': (request, { signal }) => make(request, signal),
      'pipe.get': ({ id }) => pumps.get(id),
      async 'pipe.watch'({ id }, { signal, emit }) {
        const changes = new EventEmitter()
        let version = 0
        const stopWatching = pumps.watch((pipe) => {
          if (pipe.id !== id) return
          version += 1
          changes.emit('changed')
        })
        try {
          for (;;) {
            const seen = version
            const pipe = await pumps.get(id)
            if (isPipeOver(pipe.state)) return pipe
            await emit(pipe)
            if (version === seen) await once(changes, 'changed', { signal })
          }
        } finally {
          stopWatching()
        }
      },
    },
    async restore() {
      isRestored = true
      const left = await store.unfinished()
      for (const pipe of pumps.all()) {
        if (pipe.content.leader !== null) {
          enter(pipe)
          settle(pipe.id)
          continue
        }
        // Offloop ended while it made the runs.
        for (const run of left)
          if (run.kind === 'command' && [run.terms.pipe?.reads, run.terms.pipe?.writes].includes(pipe.id))
            await scheduler.cancel(run.id)
        await pumps.giveUp(pipe.id, { kind: 'cut', run: null })
        await pumps.forget(pipe.id)
      }
    },
    close() {
      closed = true
      stopWatching()
      stopListening()
    },
  }
}
