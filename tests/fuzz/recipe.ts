/**
 * How the page makes a value that JSON cannot carry to it. Everything is drawn on the side of the test, so that a seed makes
 * the same draws again; the page only carries out.
 */
export type Recipe =
  | { readonly is: 'plain'; readonly value: string | number | boolean | null }
  | { readonly is: 'number'; readonly text: string }
  | { readonly is: 'bigint'; readonly text: string }
  | { readonly is: 'nothing' }
  /** A text over and over. */
  | { readonly is: 'repeated'; readonly text: string; readonly times: number }
  /** An array of nulls. */
  | { readonly is: 'many'; readonly length: number }
  /** Arrays within arrays, or objects within objects. */
  | { readonly is: 'deep'; readonly levels: number; readonly objects: boolean }
  | { readonly is: 'bytes'; readonly bytes: readonly number[] }
  | { readonly is: 'list'; readonly items: readonly Recipe[] }
  /** Own keys, whatever they are called, also `__proto__`. */
  | { readonly is: 'object'; readonly entries: readonly (readonly [string, Recipe])[] }
  /** A kind of thing that can be sent to another process, or perhaps cannot. */
  | { readonly is: 'thing'; readonly name: Thing }

export const THINGS = [
  'cycle',
  'date',
  'map',
  'set',
  'pattern',
  'error',
  'buffer',
  'floats',
  'blob',
  'file',
  'image',
  'matrix',
  'holes',
  'boxed',
] as const
export type Thing = (typeof THINGS)[number]

/** One message of a page that was taken over. */
export type Message =
  /** A request as the page's own code makes one, with whatever values; `within` is said on its port afterwards. */
  | {
      readonly kind: 'request'
      readonly role: 'app' | 'service'
      readonly method: Recipe
      readonly params: Recipe
      readonly credit: Recipe
      /** Ports that come along, beside that for the answer, if it comes. */
      readonly ports: number
      readonly within: readonly Recipe[]
      /** It keeps to the protocol, whatever its values are: then it is answered. Else it may be passed over. */
      readonly keepsToProtocol: boolean
    }
  /** Anything on a session port. */
  | {
      readonly kind: 'anything'
      readonly role: 'app' | 'service'
      readonly value: Recipe
      readonly ports: number
    }
