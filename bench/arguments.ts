import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'

/** What the person asked for. */
export interface Wanted {
  readonly benchmarks: readonly Benchmark[]
  readonly short: boolean
  readonly json: boolean
  /** Keep the figures in docs/performance.md. */
  readonly saves: boolean
}

export type ReadArguments =
  { readonly kind: 'read'; readonly wanted: Wanted } | { readonly kind: 'refused'; readonly message: string }

/** Reads `[--short] [--json] [--save] [name…]`; without a name all are meant. */
export function readArguments(words: readonly string[], all: readonly Benchmark[]): ReadArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { short: { type: 'boolean' }, json: { type: 'boolean' }, save: { type: 'boolean' } },
    })
    const { short = false, json = false, save: saves = false } = values
    const unknown = positionals.find((name) => all.every((benchmark) => benchmark.name !== name))
    if (unknown !== undefined) {
      const names = all.map(({ name }) => name).join(', ')
      return refused(`There is no benchmark "${unknown}". The benchmarks are: ${names}.`)
    }
    if (saves && (short || positionals.length > 0)) {
      return refused('Only a full run of all benchmarks is kept. Use --save alone, or leave it out.')
    }
    const benchmarks = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name))
    return { kind: 'read', wanted: { benchmarks, short, json, saves } }
  } catch (error) {
    if (error instanceof TypeError)
      return refused(`${error.message}. Use: npm run bench -- [--short] [--json] [--save] [name…]`)
    throw error
  }
}

function refused(message: string): ReadArguments {
  return { kind: 'refused', message }
}
