import { isUtf8 } from 'node:buffer'
import { cellText } from '#contract/chunk/cell-text.ts'
import type { Cell } from '#contract/chunk/read.ts'
import { isFinal, type RunId } from '#contract/run.ts'
import { MAX_FANNED_OUT, type FanSource } from '#contract/template/fan-out.ts'
import type { ParameterValues } from '#contract/template/parameter.ts'
import { failed } from '#kit/request-failed.ts'
import { cacheChunks } from '../results/chunk-cache.ts'
import { chunksOf, namingDamage } from '../results/chunks-of.ts'
import { openResult, type Result } from '../results/open-result.ts'
import type { RunStore } from '../runs/run-store.ts'
import { slices } from '../scheduler/slices.ts'
import { columnParameters } from './column-parameters.ts'
import { readLines } from './read-lines.ts'

/** A few chunks: each is read once. */
const CACHE_BYTES = 16 * 1024 * 1024

/** One of those for which a command is run. */
export interface Item {
  /** Which one it is, for messages. */
  readonly place: string
  readonly values: ParameterValues
}

/** What there is to run for. */
export interface Items {
  /** The parameters that they have values for. */
  readonly names: readonly string[]
  readonly items: readonly Item[]
}

export interface ReadItemsOptions {
  readonly store: Pick<RunStore, 'get'>
  /** Where the result of a run is, without the endings of its files. */
  readonly resultPath: (id: RunId) => string
}

/**
 * Reads everything for which a command is to be run, in slices.
 * @param wanted the parameters that somebody has a use for: others are not read. All when it is not given.
 * @throws RequestFailed `not-found`, `invalid-params`.
 */
export async function readItems(
  options: ReadItemsOptions,
  source: FanSource,
  wanted: (name: string) => boolean,
  signal: AbortSignal,
): Promise<Items> {
  switch (source.kind) {
    case 'values': {
      const items = source.values.map((value, at) => ({
        place: `Value ${at + 1}`,
        values: { [source.name]: value },
      }))
      return { names: [source.name], items }
    }
    case 'lines': {
      const lines = await readLines(source.path, signal)
      const items = lines.map(({ number, text }) => ({
        place: `Line ${number}`,
        values: { [source.name]: text },
      }))
      return { names: [source.name], items }
    }
    case 'result':
      return readRows(options, source.run, wanted, signal)
    default:
      return source satisfies never
  }
}

/**
 * The parameters that the columns of a result are, and how many rows it has.
 * @throws RequestFailed `not-found`, `invalid-params`.
 */
export async function readColumns(
  options: ReadItemsOptions,
  id: RunId,
): Promise<{ readonly names: string[]; readonly total: number }> {
  const result = await openRows(options, id)
  try {
    return { names: namesOf(result), total: result.rows }
  } finally {
    await result.close()
  }
}

const namesOf = ({ columns }: Result): string[] => columnParameters(columns.map(({ name }) => name))

/** Opens a result of which a command can be run for each row. */
async function openRows({ store, resultPath }: ReadItemsOptions, id: RunId): Promise<Result> {
  const run = await store.get(id)
  if (run && !isFinal(run.state))
    throw failed('invalid-params', `Run ${id} has not ended: more rows may come. Wait for it, or stop it.`)
  const result = await openResult(resultPath(id))
  if (!result)
    throw failed('not-found', `The result of run ${id} is gone. Run its query again to have it back.`)
  try {
    await result.refresh()
    if (result.rows > MAX_FANNED_OUT)
      throw failed(
        'invalid-params',
        `Run ${id} has ${result.rows} rows, and at most ${MAX_FANNED_OUT} runs are added at once. Narrow the query with LIMIT.`,
      )
    return result
  } catch (error) {
    await result.close()
    throw error
  }
}

async function readRows(
  options: ReadItemsOptions,
  id: RunId,
  wanted: (name: string) => boolean,
  signal: AbortSignal,
): Promise<Items> {
  const result = await openRows(options, id)
  try {
    const names = namesOf(result)
    const columns = names.flatMap((name, column) => (wanted(name) ? [{ name, column }] : []))
    const items: Item[] = []
    const pause = slices()
    const cache = cacheChunks(CACHE_BYTES)
    await cache.reading(() =>
      namingDamage(result, async () => {
        for await (const { chunk, from, count, firstRow } of chunksOf(result, cache, 0, result.rows))
          for (let row = 0; row < count; row += 1) {
            signal.throwIfAborted()
            const place = `Row ${firstRow + row + 1}`
            const values = columns.map(({ name, column }): [string, string] => [
              name,
              textOf(chunk.cell(from + row, column), `${place}, column "${name}"`),
            ])
            items.push({ place, values: Object.fromEntries(values) })
            await pause()
          }
      }),
    )
    return { names, items }
  } finally {
    await result.close()
  }
}

/** @throws RequestFailed `invalid-params` for bytes that are no text: an argument made of them would be something else. */
function textOf(cell: Cell, place: string): string {
  if (cell.kind === 'blob')
    throw failed('invalid-params', `${place} is a blob and no text. Select it as hex(…), or leave it out.`)
  if (cell.kind === 'text' && !isUtf8(cell.bytes))
    throw failed('invalid-params', `${place} is not valid UTF-8. Select it as hex(…), or leave it out.`)
  return cellText(cell)
}
