/** Work that is asked for more often than it needs to be done. */
export interface Paced {
  /** Does the work now, or, when it was done a moment ago, as soon as the time is over. */
  request(): void
  dispose(): void
}

/** Paces work, the last request included. @param intervalMs least time between two times that it is done. */
export function atMostEvery(intervalMs: number, work: () => void): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = false

  function run(): void {
    wanted = false
    timer = setTimeout(() => {
      timer = undefined
      if (wanted) run()
    }, intervalMs)
    work()
  }

  return {
    request() {
      wanted = true
      if (timer === undefined) run()
    },
    dispose() {
      wanted = false
      clearTimeout(timer)
    },
  }
}
