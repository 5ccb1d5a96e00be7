import { rm } from 'node:fs/promises'
import type { PipeId } from '#contract/pipe-id.ts'
import { isPipeOver, type Pipe, type PipeState } from '#contract/pipe.ts'
import type { CommandRun, RunId } from '#contract/run.ts'
import { failed } from '#kit/request-failed.ts'
import type { AppDatabase } from '../app-database/client.ts'
import { attemptOf } from '../commands/attempt.ts'
import type { Platform } from '../platform/platform.ts'
import { pipeFolder, type PipeFolder } from './pipe-folder.ts'
import { lookAtPump, startPump, tellPump, watchPump } from './pump.ts'
import { emptyStanding, readEnd, readStanding } from './standing.ts'
import { readPipe, shownPipe, type PipeContent, type StoredState } from './stored-pipe.ts'

export interface PumpsOptions {
  readonly database: AppDatabase
  readonly platform: Platform
  /** Absolute path of the folder in which each pipe has one. */
  readonly folder: string
  /** Absolute path of the folder in which each command run has one. */
  readonly runsFolder: string
  /** Absolute path of the source of the process that holds a buffer, outside any archive. */
  readonly script: string
  readonly onTrouble: (message: string, cause?: unknown) => void
}

/** A pipe that is not over. */
export interface LivePipe {
  readonly id: PipeId
  content: PipeContent
  stored: StoredState
  /** Set once its process was asked for. */
  started: Promise<void> | undefined
}

/** The buffers between runs: their records, and the processes that hold them. */
export interface Pumps {
  /** Writes down a pipe whose runs are still to be made. */
  add(content: PipeContent): Promise<PipeId>
  /** Writes down its runs. */
  complete(id: PipeId, content: PipeContent): Promise<void>
  get(id: PipeId): Promise<Pipe>
  present(id: PipeId): LivePipe | undefined
  all(): LivePipe[]
  /** The named pipe at one end of a pipe, whose process is started if it was not. @throws RequestFailed */
  end(id: PipeId, run: RunId, side: 'writers' | 'readers'): Promise<string>
  /** The named pipes that a command reads and writes instead of what it would. @throws RequestFailed */
  endsOf(run: CommandRun): Promise<{ readonly input?: string; readonly output?: string }>
  /** Whether what a command has read was the end of its input because the process of its pipe was ended from outside. */
  isInputBroken(run: CommandRun): Promise<boolean>
  /** Says a word to the process of a pipe, if there is one. */
  tell(id: PipeId, word: string): Promise<void>
  /** Ends the record of a pipe whose process was never started. */
  giveUp(id: PipeId, state: PipeState): Promise<void>
  /** Forgets a pipe that is over, with its files. */
  forget(id: PipeId): Promise<void>
  /** Tells of every pipe that has changed; returns what ends that. */
  watch(listener: (pipe: Pipe) => void): () => void
  /** Takes up what an earlier service has left. */
  restore(): Promise<void>
  /** Ends the watching; the processes go on. */
  close(): void
}

/** Opens the pipes of the app database. */
export function openPumps(options: PumpsOptions): Pumps {
  const { database, platform, folder, runsFolder, script, onTrouble } = options
  const live = new Map<PipeId, LivePipe>()
  const listeners = new Set<(pipe: Pipe) => void>()
  const closing = new AbortController()

  function change(pipe: LivePipe, stored: StoredState): void {
    pipe.stored = stored
    const shown = shownPipe(pipe.id, pipe.content, stored)
    for (const listener of [...listeners]) listener(shown)
  }

  async function save({ id, content, stored }: LivePipe): Promise<void> {
    const isOver = isPipeOver(stored.state)
    await database.ask('pipe.save', {
      id,
      content: JSON.stringify(content),
      state: JSON.stringify(stored),
      isOver,
    })
  }

  /** Ends a pipe for good: on disk first, because nothing is left to find it out from later. */
  async function conclude(pipe: LivePipe, stored: StoredState): Promise<void> {
    await save({ ...pipe, stored })
    change(pipe, stored)
  }

  async function follow(pipe: LivePipe): Promise<void> {
    const at = pipeFolder(folder, pipe.id)
    const { content } = pipe
    change(pipe, { ...pipe.stored, state: { kind: 'flowing' } })
    const end = await watchPump(platform, at, closing.signal, (text) =>
      change(pipe, { ...readStanding(text, content), state: { kind: 'flowing' } }),
    )
    const state = end === undefined ? undefined : readEnd(end, content)
    await conclude(
      pipe,
      end === undefined || !state
        ? { ...pipe.stored, state: { kind: 'broken' } }
        : { ...readStanding(end, content), state },
    )
  }

  function followed(pipe: LivePipe): void {
    follow(pipe).catch((error: unknown) => {
      if (!closing.signal.aborted) onTrouble(`Pipe ${pipe.id} could not be followed.`, error)
    })
  }

  function started(pipe: LivePipe): Promise<void> {
    pipe.started ??= begin(pipe).catch(async (error: unknown) => {
      await conclude(pipe, { ...pipe.stored, state: { kind: 'broken' } })
      throw error
    })
    return pipe.started
  }

  async function begin(pipe: LivePipe): Promise<void> {
    const at = pipeFolder(folder, pipe.id)
    const invocation = platform.pump(script, at.path)
    if (!invocation) throw failed('spawn', 'Pipes cannot be made on this system yet. Queries can be run.')
    if (isPipeOver(pipe.stored.state)) throw isOver(pipe.id)
    await startPump(invocation, at, planOf(pipe.content))
    await save({ ...pipe, stored: { ...pipe.stored, state: { kind: 'flowing' } } })
    followed(pipe)
  }

  function planOf({ capacity, spread, strict, writers, readers }: PipeContent): string {
    return [
      `capacity ${capacity}`,
      `merge ${writers.length > 1 ? 'lines' : 'raw'}`,
      `spread ${spread}`,
      `strict ${Number(strict)}`,
      ...writers.map(({ run, kind }) =>
        kind === 'host' ? 'writer host' : `writer command ${attemptOf(runsFolder, run).exit}`,
      ),
      ...readers.map(({ kind }) => `reader ${kind}`),
      '',
    ].join('\n')
  }

  async function end(id: PipeId, run: RunId, side: 'writers' | 'readers'): Promise<string> {
    const pipe = live.get(id)
    if (!pipe) throw isOver(id)
    await started(pipe)
    const number = pipe.content[side].findIndex((one) => one.run === run) + 1
    if (number === 0) throw failed('internal', `Run ${run} is no end of pipe ${id}.`)
    const at: PipeFolder = pipeFolder(folder, id)
    return side === 'writers' ? at.writer(number) : at.reader(number)
  }

  return {
    async add(content) {
      const stored: StoredState = { state: { kind: 'waiting' }, ...emptyStanding(content) }
      const texts = { content: JSON.stringify(content), state: JSON.stringify(stored) }
      const id = await database.ask('pipe.add', texts)
      live.set(id, { id, content, stored, started: undefined })
      return id
    },
    async complete(id, content) {
      const pipe = live.get(id)
      if (!pipe) throw isOver(id)
      pipe.content = content
      change(pipe, { state: pipe.stored.state, ...emptyStanding(content) })
      await save(pipe)
    },
    async get(id) {
      const pipe = live.get(id)
      if (pipe) return shownPipe(id, pipe.content, pipe.stored)
      const row = await database.ask('pipe.get', { id })
      if (!row) throw failed('not-found', `There is no pipe ${id}.`)
      const { content, stored } = readPipe(row)
      return shownPipe(id, content, stored)
    },
    present: (id) => live.get(id),
    all: () => [...live.values()],
    end,
    async endsOf({ id, terms: { pipe } }) {
      return {
        ...(pipe?.reads !== undefined && { input: await end(pipe.reads, id, 'readers') }),
        ...(pipe?.writes !== undefined && { output: await end(pipe.writes, id, 'writers') }),
      }
    },
    async isInputBroken({ terms: { pipe } }) {
      if (pipe?.reads === undefined) return false
      const known = live.get(pipe.reads)
      if (known && !isPipeOver(known.stored.state))
        return (await lookAtPump(platform, pipeFolder(folder, pipe.reads))).kind === 'gone'
      const row = await database.ask('pipe.get', { id: pipe.reads })
      return row !== undefined && readPipe(row).stored.state.kind === 'broken'
    },
    async tell(id, word) {
      const pipe = live.get(id)
      if (!pipe?.started) return
      await pipe.started.catch(() => undefined)
      await tellPump(pipeFolder(folder, id), word)
    },
    async giveUp(id, state) {
      const pipe = live.get(id)
      if (pipe && !pipe.started && !isPipeOver(pipe.stored.state))
        await conclude(pipe, { ...pipe.stored, state })
    },
    async forget(id) {
      live.delete(id)
      await rm(pipeFolder(folder, id).path, { recursive: true, force: true })
    },
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async restore() {
      for (const row of await database.ask('pipe.unfinished')) {
        const { content, stored } = readPipe(row)
        const pipe: LivePipe = { id: row.id, content, stored, started: undefined }
        live.set(row.id, pipe)
        const { kind } = await lookAtPump(platform, pipeFolder(folder, row.id))
        if (kind === 'none') continue
        pipe.started = Promise.resolve()
        followed(pipe)
      }
    },
    close() {
      closing.abort(failed('cancelled', 'Pipes are not watched any more; they go on.'))
    },
  }
}

function isOver(id: PipeId): Error {
  return failed('invalid-params', `Pipe ${id} is over. Make it again.`)
}
