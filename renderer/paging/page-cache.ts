/** A page as it was fetched. */
export interface Page<T> {
  /** How many entries it holds; the last page of something growing holds fewer than `pageSize`. */
  readonly count: number
  readonly content: T
}

export interface PageCacheOptions<T> {
  /** Entries in a page. */
  readonly pageSize: number
  /** Pages that are kept; the one unseen for longest is dropped first. */
  readonly capacity: number
  /** Fetches the entries from `first` on, at most `count`. Aborted when the page has left the view. */
  fetch(first: number, count: number, signal: AbortSignal): Promise<Page<T>>
  /** Called when a page has arrived. */
  onPage(): void
  /** Called when a page could not be fetched for another reason than having left the view. */
  onFailure(error: unknown): void
}

/** Pages of something too large to hold, fetched as they come into view. */
export interface PageCache<T> {
  /** The page that holds an entry, and the entry's place in it; undefined until it was fetched. */
  find(entry: number): { readonly content: T; readonly offset: number } | undefined
  /**
   * Says which entries are in view, and how many there are in all by now. Pages that are missing or have grown are
   * fetched; fetches of pages out of view are aborted.
   */
  show(first: number, count: number, total: number): void
  /** Forgets that the last page is complete, for a last entry that may still change. */
  distrustLast(total: number): void
  /** How many fetches are on their way. */
  readonly outstanding: number
  dispose(): void
}

/** Fetches at a time: one for each page that a view can straddle; more would only delay the ones wanted next. */
const MAX_OUTSTANDING = 2

export function makePageCache<T>(options: PageCacheOptions<T>): PageCache<T> {
  const { pageSize, capacity } = options
  /** In the order of last use: the first is dropped first. */
  const pages = new Map<number, Page<T>>()
  const fetching = new Map<number, AbortController>()
  const distrusted = new Set<number>()
  let wanted: { readonly first: number; readonly last: number; readonly total: number } | undefined
  let disposed = false

  function isWanting(page: number, total: number): boolean {
    const have = pages.get(page)
    if (!have || distrusted.has(page)) return true
    return have.count < Math.min(pageSize, total - page * pageSize)
  }

  function fetchWanted(): void {
    if (!wanted || disposed) return
    for (const [page, controller] of fetching) {
      if (page < wanted.first || page > wanted.last) {
        controller.abort()
        fetching.delete(page)
      }
    }
    for (let page = wanted.first; page <= wanted.last && fetching.size < MAX_OUTSTANDING; page += 1) {
      if (!fetching.has(page) && isWanting(page, wanted.total)) void fetchPage(page)
    }
  }

  async function fetchPage(page: number): Promise<void> {
    const controller = new AbortController()
    fetching.set(page, controller)
    distrusted.delete(page)
    try {
      const fetched = await options.fetch(page * pageSize, pageSize, controller.signal)
      if (controller.signal.aborted) return
      fetching.delete(page)
      const grew = fetched.count > (pages.get(page)?.count ?? -1)
      keep(page, fetched)
      options.onPage()
      // A page that did not grow although it should have is not asked for again until the view or the total changes.
      if (grew) fetchWanted()
    } catch (error) {
      if (controller.signal.aborted) return
      fetching.delete(page)
      options.onFailure(error)
    }
  }

  function keep(page: number, fetched: Page<T>): void {
    pages.delete(page)
    pages.set(page, fetched)
    for (const oldest of pages.keys()) {
      if (pages.size <= capacity) break
      pages.delete(oldest)
    }
  }

  return {
    find(entry) {
      const number = Math.floor(entry / pageSize)
      const page = pages.get(number)
      const offset = entry - number * pageSize
      return page && offset < page.count ? { content: page.content, offset } : undefined
    },
    show(first, count, total) {
      if (count <= 0 || total <= 0) return
      const last = Math.min(first + count, total) - 1
      wanted = { first: Math.floor(first / pageSize), last: Math.floor(last / pageSize), total }
      for (let page = wanted.first; page <= wanted.last; page += 1) {
        const have = pages.get(page)
        if (have) keep(page, have)
      }
      fetchWanted()
    },
    distrustLast(total) {
      if (total > 0) distrusted.add(Math.floor((total - 1) / pageSize))
    },
    get outstanding() {
      return fetching.size
    },
    dispose() {
      disposed = true
      for (const controller of fetching.values()) controller.abort()
      fetching.clear()
      pages.clear()
    },
  }
}
