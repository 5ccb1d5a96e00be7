import type { z } from 'zod'
import { THINGS, type Recipe } from './recipe.ts'

/** Texts that a value of a certain name is drawn from, beside the hostile ones; see `FuzzPlaces`. */
export type TextsByName = Readonly<Record<string, readonly string[]>>

/** How a value is drawn: from what chance, from which texts, and how near to what the contract allows. */
export interface Draw {
  readonly chance: () => number
  /** Under the names of fields: only these, where a text that is let through would be carried out. */
  readonly only: TextsByName
  /** Texts for everything else. */
  readonly texts: readonly string[]
  readonly numbersFor: Readonly<Record<string, readonly string[]>>
}

const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'then', 'toJSON', 'length', '', '\0', '0']
const NUMBERS = [
  '0', '-0', '1', '2', '3', '7', '-1', '1.5', '1e-7', 'NaN', 'Infinity', '-Infinity',
  '255', '256', '65536', '2147483647', '2147483648', '4294967296', '9007199254740991', '9007199254740993', '1e308',
] // prettier-ignore
/** What is let through almost everywhere, so that the values beside it are looked at too. */
const SMALL = ['1', '2', '24']
/** Long enough to hurt what takes its time for each letter, short enough that many are made. */
const LONG = 200_000
/** Deeper than anything that calls itself for each level survives without care. */
const DEEP = [10, 1_000, 20_000]

function pick<T>(chance: () => number, from: readonly T[]): T {
  const picked = from[Math.floor(chance() * from.length)]
  if (picked === undefined) throw new Error('There is nothing to draw from.')
  return picked
}

function plain(value: string | number | boolean | null): Recipe {
  return { is: 'plain', value }
}

/** Anything at all. */
export function anything(draw: Draw, levels = 2): Recipe {
  const { chance, texts } = draw
  switch (Math.floor(chance() * 14)) {
    case 0:
      return { is: 'nothing' }
    case 1:
      return plain(null)
    case 2:
      return plain(chance() < 0.5)
    case 3:
      return { is: 'number', text: pick(chance, NUMBERS) }
    case 4:
      return { is: 'bigint', text: '9223372036854775808' }
    case 5:
    case 6:
      return plain(pick(chance, texts))
    case 7:
      return {
        is: 'repeated',
        text: pick(chance, ['a', '\0', '🂠', '../', '(']),
        times: chance() < 0.1 ? LONG : 300,
      }
    case 8:
      return { is: 'many', length: chance() < 0.05 ? LONG : 50 }
    case 9:
      return { is: 'deep', levels: pick(chance, DEEP), objects: chance() < 0.5 }
    case 10:
      return { is: 'bytes', bytes: Array.from({ length: 20 }, () => Math.floor(chance() * 256)) }
    case 11:
      return { is: 'thing', name: pick(chance, THINGS) }
    case 12:
      return levels === 0
        ? plain('')
        : {
            is: 'list',
            items: Array.from({ length: Math.floor(chance() * 4) }, () => anything(draw, levels - 1)),
          }
    default:
      return levels === 0
        ? plain(0)
        : {
            is: 'object',
            entries: Array.from({ length: Math.floor(chance() * 4) }, () => [
              pick(chance, KEYS),
              anything(draw, levels - 1),
            ]),
          }
  }
}

/**
 * What a schema allows, with hostile values wherever it leaves a choice, and sometimes something else altogether.
 * @param wrong the chance at each place that it is not even of the right kind.
 */
export function hostile(schema: z.core.$ZodType, draw: Draw, wrong: number, name = ''): Recipe {
  const { chance } = draw
  if (chance() < wrong) return anything(draw)
  const again = (inner: z.core.$ZodType, innerName = name): Recipe => hostile(inner, draw, wrong, innerName)
  const { def } = (schema as z.core.$ZodTypes)._zod
  // Of the kinds of zod the contract uses these; another is an error, so that none is forgotten.
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
  switch (def.type) {
    case 'object': {
      const entries = Object.entries(def.shape).map(([key, inner]): readonly [string, Recipe] => [
        key,
        again(inner, key),
      ])
      const more: (readonly [string, Recipe])[] =
        chance() < 0.1 ? [[pick(chance, KEYS), anything(draw, 1)]] : []
      return { is: 'object', entries: [...entries, ...more] }
    }
    case 'union':
      return again(pick(chance, def.options))
    case 'array':
      return { is: 'list', items: Array.from({ length: Math.floor(chance() * 4) }, () => again(def.element)) }
    case 'tuple':
      return { is: 'list', items: def.items.map((item) => again(item)) }
    case 'record':
      return {
        is: 'object',
        entries: Array.from({ length: Math.floor(chance() * 3) }, () => [
          pick(chance, [...KEYS, 'a', 'id', 'PATH']),
          again(def.valueType),
        ]),
      }
    case 'optional':
    case 'default':
      return chance() < 0.6 ? { is: 'nothing' } : again(def.innerType)
    case 'nullable':
      return chance() < 0.3 ? plain(null) : again(def.innerType)
    case 'enum':
      return plain(pick(chance, draw.only[name] ?? Object.values(def.entries)))
    case 'literal':
      return plain(pick(chance, def.values) as string)
    case 'boolean':
      return plain(chance() < 0.5)
    case 'number':
      return { is: 'number', text: pick(chance, draw.numbersFor[name] ?? (chance() < 0.5 ? SMALL : NUMBERS)) }
    case 'null':
      return plain(null)
    case 'string':
      return plain(pick(chance, draw.only[name] ?? draw.texts))
    case 'custom':
      return {
        is: 'bytes',
        bytes: Array.from({ length: Math.floor(chance() * 40) }, () => Math.floor(chance() * 256)),
      }
    default:
      throw new Error(`The fuzzer does not know what a "${def.type}" is: teach it in hostile-values.ts.`)
  }
}
