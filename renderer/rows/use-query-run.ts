import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import { isFinal, type QueryRun, type QuerySpec, type Run, type RunId } from '#contract/run.ts'
import type { WaitingTerms } from '#contract/terms.ts'
import type { RequestStream } from '#kit/client.ts'
import { failureOf } from '#kit/request-failed.ts'
import { askService } from '../ipc/ask.ts'
import { onRunsChanged } from '../ipc/live-runs.ts'
import { requestQuery, type QuerySession } from '../ipc/query-request.ts'
import { isPasswordNeeded } from '../ipc/schemas.ts'
import { serviceSession } from '../ipc/sessions.ts'
import { askForPassword } from '../passwords/ask-for-password.ts'
import { failureIn, isWorking, type QueryActivity } from './query-activity.ts'
import { makeResultRows, type ResultRows } from './result-rows.ts'

export interface StartOptions {
  /** Opens the connection that it is to run on, where that is not a shared one. */
  readonly needSession?: (() => Promise<QuerySession>) | undefined
  /** On which terms it waits for its turn; it begins at once without. */
  readonly terms?: WaitingTerms | undefined
  /** Where a server wants a password, `ask` for it and run the query again; or only `tell`, as of any failure. */
  readonly onPasswordNeeded?: 'ask' | 'tell'
}

export interface QueryRunUse {
  readonly activity: Readonly<ShallowRef<QueryActivity>>
  /** The rows of the latest run; undefined before the first. */
  readonly rows: Readonly<ShallowRef<ResultRows | undefined>>
  /**
   * Runs a query and resolves when it has ended; a run that is still going on is left alone.
   */
  start(spec: QuerySpec, options?: StartOptions): Promise<void>
  /** Asks for the run to be stopped; `activity` says when and how it was. */
  stop(): void
  /** Shows an earlier run, and follows it when it is still going on. */
  show(id: RunId): Promise<void>
}

/** One query at a time, with its rows. */
export function useQueryRun(): QueryRunUse {
  const activity = shallowRef<QueryActivity>({ kind: 'idle' })
  const rows = shallowRef<ResultRows>()
  /** Stops the run in the way that fits how it is followed. */
  let askToStop: (() => void) | undefined
  /** What is left to ask when the service is back. */
  let onNextSession: (() => void) | undefined
  /** Raised with each start and show, so that what is left of an earlier one changes nothing. */
  let turn = 0

  function begin(): { readonly result: ResultRows; readonly isCurrent: () => boolean } {
    turn += 1
    const mine = turn
    rows.value?.dispose()
    const result = makeResultRows()
    rows.value = result
    return { result, isCurrent: () => mine === turn }
  }

  function take(run: QueryRun, result: ResultRows): void {
    const stopping = activity.value.kind !== 'idle' && 'stopping' in activity.value && activity.value.stopping
    result.identify(run.id)
    result.takeProgress(run.progress)
    activity.value = { kind: 'run', run, stopping: stopping && !isFinal(run.state) }
    if (isFinal(run.state)) result.refresh()
  }

  async function start(spec: QuerySpec, options: StartOptions = {}): Promise<void> {
    if (isWorking(activity.value)) return
    let known: RunId | undefined
    let askedOn = serviceSession.value
    const { result, isCurrent } = begin()
    const controller = new AbortController()
    askToStop = () => controller.abort()
    activity.value = { kind: 'asking', askedAt: Date.now(), stopping: false }
    try {
      const session = await options.needSession?.()
      const request = await requestQuery(spec, controller.signal, { session, terms: options.terms })
      askedOn = serviceSession.value
      // The window has seen enough of the first rows when their process ends them, however it does so.
      void readFirst(request.firstRows, result).catch(() => undefined)
      await readRun(request.run, (run) => {
        known = run.id
        if (isCurrent()) take(run, result)
      })
      if (isCurrent()) askForMissingPassword(spec, options)
    } catch (error) {
      if (!isCurrent()) return
      activity.value = { kind: 'refused', failure: failureOf(error) }
      askForMissingPassword(spec, options)
      const id = known
      if (id === undefined || failureOf(error).code !== 'host-lost') return
      const learn = (): void => void learnTheEnd(id, result, isCurrent)
      // The next service may be there before the loss of this one was noticed.
      if (serviceSession.value && serviceSession.value !== askedOn) learn()
      else onNextSession = learn
    }
  }

  function askForMissingPassword(spec: QuerySpec, options: StartOptions): void {
    if (options.onPasswordNeeded === 'tell') return
    const failure = failureIn(activity.value)
    if (failure && isPasswordNeeded(spec.database, failure)) {
      askForPassword(spec.database, () => void start(spec, options))
    }
  }

  /** After the service was lost, the one that follows it knows what became of the run. */
  async function learnTheEnd(id: RunId, result: ResultRows, isCurrent: () => boolean): Promise<void> {
    const run = await askService('run.get', { id }).catch(() => undefined)
    if (run?.kind === 'query' && isCurrent()) take(run, result)
  }

  async function show(id: RunId): Promise<void> {
    const { result, isCurrent } = begin()
    askToStop = () => {
      askService('run.cancel', { id }).catch((error: unknown) => {
        if (isCurrent()) activity.value = { kind: 'refused', failure: failureOf(error) }
      })
    }
    const unlisten = onRunsChanged((runs) => {
      const run = runs.find((each) => each.id === id)
      if (run?.kind === 'query' && isCurrent()) take(run, result)
    })
    stopListening?.()
    stopListening = unlisten
    try {
      const run = await askService('run.get', { id })
      if (isCurrent() && run.kind === 'query') take(run, result)
    } catch (error) {
      if (isCurrent()) activity.value = { kind: 'refused', failure: failureOf(error) }
    }
  }

  function stop(): void {
    if (!isWorking(activity.value)) return
    if (activity.value.kind === 'asking' || activity.value.kind === 'run') {
      activity.value = { ...activity.value, stopping: true }
    }
    askToStop?.()
  }

  let stopListening: (() => void) | undefined
  const unwatch = watch(serviceSession, (session) => {
    if (!session) return
    rows.value?.refresh()
    onNextSession?.()
    onNextSession = undefined
  })
  onScopeDispose(() => {
    turn += 1
    unwatch()
    stopListening?.()
    rows.value?.dispose()
  })

  return { activity, rows, start, stop, show }
}

async function readFirst(
  stream: RequestStream<Parameters<ResultRows['takeFirst']>[0], unknown>,
  rows: ResultRows,
) {
  for await (const item of stream) rows.takeFirst(item)
}

async function readRun(stream: RequestStream<Run, Run>, onRun: (run: QueryRun) => void): Promise<void> {
  for await (const run of stream) if (run.kind === 'query') onRun(run)
  const final = await stream.result
  if (final.kind === 'query') onRun(final)
}
