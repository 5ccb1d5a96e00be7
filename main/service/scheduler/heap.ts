/** A priority queue from which anything can also be taken out of turn. */
export interface Heap<T> {
  readonly size: number
  has(item: T): boolean
  /** Adds an item; one that is in it already stays where it is. Logarithmic. */
  add(item: T): void
  /** The one before all others; undefined when there is none. Constant. */
  first(): T | undefined
  /** How many come before an item; undefined when there are more than `most`. Takes two or three steps for each of those. */
  countBefore(item: T, most: number): number | undefined
  /** Takes an item out. Logarithmic. @returns whether it was in. */
  delete(item: T): boolean
}

/**
 * Makes a binary heap that knows where each item is.
 * @param before a strict order, which must not change for items that are in.
 */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  const places = new Map<T, number>()

  function put(item: T, place: number): void {
    items[place] = item
    places.set(item, place)
  }
  function rise(item: T, from: number): void {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const parent = items[above] as T
      if (!before(item, parent)) break
      put(parent, place)
      place = above
    }
    put(item, place)
  }
  function sink(item: T, from: number): void {
    let place = from
    for (;;) {
      let below = 2 * place + 1
      if (below >= items.length) break
      if (below + 1 < items.length && before(items[below + 1] as T, items[below] as T)) below += 1
      const child = items[below] as T
      if (!before(child, item)) break
      put(child, place)
      place = below
    }
    put(item, place)
  }

  return {
    get size() {
      return items.length
    },
    has: (item) => places.has(item),
    add(item) {
      if (!places.has(item)) rise(item, items.length)
    },
    first: () => items[0],
    countBefore(item, most) {
      let count = 0
      // Whatever lies below one that does not come before, does not either.
      const toLookAt = [0]
      for (let place = toLookAt.pop(); place !== undefined; place = toLookAt.pop()) {
        if (place >= items.length || !before(items[place] as T, item)) continue
        count += 1
        if (count > most) return undefined
        toLookAt.push(2 * place + 1, 2 * place + 2)
      }
      return count
    },
    delete(item) {
      const place = places.get(item)
      if (place === undefined) return false
      places.delete(item)
      const last = items.pop() as T
      if (place === items.length) return true
      if (place > 0 && before(last, items[(place - 1) >> 1] as T)) rise(last, place)
      else sink(last, place)
      return true
    },
  }
}
