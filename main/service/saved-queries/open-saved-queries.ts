import { chart, type Chart } from '#contract/chart.ts'
import {
  FOLDER_SEPARATOR,
  MAX_BEGINNING,
  savedQuery as savedQueryShape,
  savedQueryEntry,
  savedQueryName,
  type SavedQueryEntry,
  type serviceSavedQueries,
} from '#contract/saved-query.ts'
import { emitLatest } from '#kit/emit-latest.ts'
import { failed } from '#kit/request-failed.ts'
import type { Handlers } from '#kit/serve.ts'
import type { AppDatabase } from '../app-database/client.ts'

/** The queries that are kept under names. */
export interface SavedQueries {
  readonly handlers: Handlers<typeof serviceSavedQueries>
}

/** @param onTrouble told of what is not stored as it should be, and passed over. */
export async function openSavedQueries(
  database: AppDatabase,
  onTrouble: (message: string) => void,
): Promise<SavedQueries> {
  const listeners = new Set<() => void>()
  let entries = await read()
  /** One after the other: whether a name is free must not change meanwhile. */
  let turn: Promise<unknown> = Promise.resolve()

  async function read(): Promise<ReadonlyMap<string, SavedQueryEntry>> {
    const rows = await database.ask('savedQuery.list', { characters: MAX_BEGINNING })
    const kept = rows.flatMap(({ name, sql, database: address }): [string, SavedQueryEntry][] => {
      const parsed = savedQueryEntry.safeParse({ name, beginning: sql, database: address })
      if (parsed.success) return [[name, parsed.data]]
      onTrouble(`The saved query "${name}" is not stored as it should be and is passed over.`)
      return []
    })
    return new Map(kept)
  }

  /** Changes what is kept, after the changes before, and tells everyone. */
  function change(work: () => Promise<void>): Promise<Record<string, never>> {
    const mine = turn.then(async () => {
      await work()
      entries = await read()
      for (const listener of listeners) listener()
      return {}
    })
    turn = mine.catch(() => undefined)
    return mine
  }

  function missing(name: string): Error {
    return failed(
      'not-found',
      `There is no saved query "${name}". Look at the list again: it may have been renamed.`,
    )
  }

  function refuseTaken(names: readonly string[]): void {
    const taken = names.find((name) => entries.has(name))
    if (taken === undefined) return
    throw failed(
      'conflict',
      `There is a saved query "${taken}" already. Choose another name, or delete that one.`,
    )
  }

  /** What a rename makes of each query that it is about. @throws RequestFailed `not-found`, `invalid-params` */
  function renamed(from: string, to: string, what: 'query' | 'folder'): [string, string][] {
    if (what === 'query') {
      if (!entries.has(from)) throw missing(from)
      return [[from, to]]
    }
    const within = from + FOLDER_SEPARATOR
    const names = [...entries.keys()].filter((name) => name.startsWith(within))
    if (names.length === 0) throw failed('not-found', `There is no folder "${from}". Look at the list again.`)
    return names.map((name) => [name, to + FOLDER_SEPARATOR + name.slice(within.length)])
  }

  return {
    handlers: {
      'savedQueries.watch': (_params, context) =>
        emitLatest(
          context,
          () => ({ queries: [...entries.values()] }),
          (listener) => {
            listeners.add(listener)
            return () => listeners.delete(listener)
          },
        ),
      async 'savedQuery.get'({ name }) {
        const row = await database.ask('savedQuery.get', { name })
        const parsed = savedQueryShape.safeParse(row && { ...row, chart: chartIn(row.chart) })
        if (!parsed.success) throw missing(name)
        return parsed.data
      },
      'savedQuery.save': ({ query, replace }) =>
        change(async () => {
          if (!replace) refuseTaken([query.name])
          const drawn = query.chart && JSON.stringify(query.chart)
          await database.ask('savedQuery.save', { ...query, chart: drawn })
        }),
      'savedQuery.rename': ({ from, to, what }) =>
        change(async () => {
          if (from === to) return
          const names = renamed(from, to, what)
          const tooLong = names.find(([, name]) => !savedQueryName.safeParse(name).success)
          if (tooLong)
            throw failed('invalid-params', `"${tooLong[1]}" is too long for a name. Choose a shorter one.`)
          refuseTaken(names.map(([, name]) => name))
          await database.ask('savedQuery.rename', { names })
        }),
      'savedQuery.delete': ({ name }) =>
        change(async () => {
          if (!entries.has(name)) throw missing(name)
          await database.ask('savedQuery.delete', { name })
        }),
    },
  }
}

/** A chart as it was stored; null for one that cannot be read: its query is worth more. */
function chartIn(text: string | null): Chart | null {
  if (text === null) return null
  try {
    return chart.parse(JSON.parse(text))
  } catch {
    return null
  }
}
