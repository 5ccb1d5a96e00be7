/** The end of a stream of bytes. */
export interface Latest {
  add(bytes: Uint8Array): void
  /** In order; valid until more are added. */
  bytes(): Uint8Array
}

/** Keeps the last bytes of many, in one buffer. @param most how many are kept. */
export function keepLatest(most: number): Latest {
  const kept = new Uint8Array(most)
  let length = 0
  return {
    add(bytes) {
      const added = bytes.subarray(Math.max(0, bytes.length - most))
      const stay = Math.min(length, most - added.length)
      kept.copyWithin(0, length - stay, length)
      kept.set(added, stay)
      length = stay + added.length
    },
    bytes: () => kept.subarray(0, length),
  }
}
