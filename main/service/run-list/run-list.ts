import {
  MAX_FOUND_RUNS,
  MAX_LISTED_TEXT,
  type RunFilter,
  type RunOrder,
  type serviceRunList,
} from '#contract/run-list.ts'
import type { serviceTimeline } from '#contract/timeline.ts'
import type { CommandSpec, Run, RunId, WaitingReason } from '#contract/run.ts'
import type { Handlers } from '#kit/serve.ts'
import type { AppDatabase } from '../app-database/client.ts'
import type { RunStore } from '../runs/run-store.ts'
import type { Usage } from '../usage/open-usage.ts'

export interface RunListOptions {
  readonly store: RunStore
  readonly usage: Pick<Usage, 'glance'>
  /** Opens a connection to the app database that only reads; asked for when the first list is looked at. */
  readonly openReader: () => Promise<AppDatabase>
  /** Why a run waits at this moment; undefined for what the scheduler does not have. */
  readonly reasonsOf: (id: RunId) => WaitingReason[] | undefined
}

export interface RunList {
  find(filter: RunFilter, order: RunOrder): Promise<{ ids: Float64Array<ArrayBuffer>; more: boolean }>
  /** In the order of the ids, without those that are not there any more. */
  page(ids: readonly RunId[]): Promise<Run[]>
  readonly handlers: Handlers<typeof serviceRunList & typeof serviceTimeline>
  close(): Promise<void>
}

/** Answers about lists of runs: finds in a thread of its own, and reads only the lines that somebody sees. */
export function openRunList({ store, usage, openReader, reasonsOf }: RunListOptions): RunList {
  let reader: Promise<AppDatabase> | undefined

  function readerNow(): Promise<AppDatabase> {
    if (reader) return reader
    const opening = openReader()
    reader = opening
    const forget = (): void => {
      if (reader === opening) reader = undefined
    }
    // The next look opens another one.
    opening.then((opened) => opened.lost.then(forget), forget)
    return opening
  }

  async function find(
    filter: RunFilter,
    order: RunOrder,
  ): Promise<{ ids: Float64Array<ArrayBuffer>; more: boolean }> {
    const database = await readerNow()
    const found = await database.ask('runs.find', { filter, order, limit: MAX_FOUND_RUNS + 1 })
    const more = found.length > MAX_FOUND_RUNS
    return { ids: more ? found.slice(0, MAX_FOUND_RUNS) : found, more }
  }

  async function page(ids: readonly RunId[]): Promise<Run[]> {
    const runs = await Promise.all(ids.map((id) => listed(id)))
    return runs.flatMap((run) => run ?? [])
  }

  return {
    find,
    page,
    handlers: {
      async 'runs.find'({ filter, order }) {
        const { ids, more } = await find(filter, order)
        return { ids: new Uint8Array(ids.buffer), more }
      },

      async 'runs.timeline'(span) {
        return (await readerNow()).ask('runs.timeline', span)
      },

      'runs.page': async ({ ids }) => ({ runs: await page(ids) }),

      'usage.glance': ({ ids }) => ({
        runs: ids.flatMap((id) => {
          const samples = usage.glance(id)
          return samples.length === 0
            ? []
            : {
                id,
                cores: samples.map(({ cores }) => cores),
                memoryBytes: samples.map(({ memoryBytes }) => memoryBytes),
              }
        }),
      }),
    },
    async close() {
      const opened = await reader?.catch(() => undefined)
      await opened?.close()
    },
  }

  async function listed(id: RunId): Promise<Run | undefined> {
    // A line that cannot be read is a gap in the list and not its end; the store has told the log why.
    const run = await store.get(id).catch(() => undefined)
    if (!run) return undefined
    const reasons = run.state.kind === 'queued' ? reasonsOf(id) : undefined
    return short(reasons ? { ...run, state: { kind: 'queued', reasons } } : run)
  }
}

/** A run with no more text than a line shows. */
function short(run: Run): Run {
  switch (run.kind) {
    case 'query':
      return { ...run, spec: { ...run.spec, sql: run.spec.sql.slice(0, MAX_LISTED_TEXT) } }
    case 'command':
      return { ...run, spec: { ...run.spec, command: shortCommand(run.spec.command) } }
    case 'transfer':
      return run
    default:
      return run satisfies never
  }
}

function shortCommand(command: CommandSpec['command']): CommandSpec['command'] {
  switch (command.kind) {
    case 'shell':
      return { ...command, line: command.line.slice(0, MAX_LISTED_TEXT) }
    case 'program': {
      let left = MAX_LISTED_TEXT
      const args = command.args.filter(({ length }) => (left -= length + 1) > 0)
      return { ...command, args }
    }
    default:
      return command satisfies never
  }
}
