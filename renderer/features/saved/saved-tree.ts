import { FOLDER_SEPARATOR, type SavedQueryEntry } from '#contract/saved-query.ts'

/** A line of the list of saved queries. */
export type SavedLine =
  | { readonly kind: 'folder'; readonly path: string; readonly name: string; readonly depth: number }
  | { readonly kind: 'query'; readonly entry: SavedQueryEntry; readonly name: string; readonly depth: number }

/** Its last part. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf(FOLDER_SEPARATOR) + 1)
}

/**
 * The lines to draw, folders before what is in them and, on each level, before its queries.
 * @param closed paths of the folders whose content is not drawn.
 */
export function savedLines(
  entries: readonly SavedQueryEntry[],
  closed: ReadonlySet<string>,
  folder = '',
): SavedLine[] {
  const depth = folder === '' ? 0 : folder.split(FOLDER_SEPARATOR).length
  const begin = folder === '' ? '' : folder + FOLDER_SEPARATOR
  const within = entries.filter(({ name }) => name.startsWith(begin))
  const parts = within.map((entry) => ({
    entry,
    parts: entry.name.slice(begin.length).split(FOLDER_SEPARATOR),
  }))
  const folders = new Set(
    parts.flatMap(({ parts: [first = '', ...rest] }) => (rest.length > 0 ? [first] : [])),
  )
  return [
    ...[...folders].flatMap((name): SavedLine[] => {
      const path = begin + name
      const inside = closed.has(path) ? [] : savedLines(within, closed, path)
      return [{ kind: 'folder', path, name, depth }, ...inside]
    }),
    ...parts.flatMap(({ entry, parts: [name = '', ...rest] }): SavedLine[] =>
      rest.length === 0 ? [{ kind: 'query', entry, name, depth }] : [],
    ),
  ]
}

/** Those whose name, or the beginning of whose text, has every word of a search. */
export function matching(entries: readonly SavedQueryEntry[], search: string): readonly SavedQueryEntry[] {
  const words = search.toLowerCase().split(/\s+/u).filter(Boolean)
  return entries.filter(({ name, beginning }) => {
    const text = `${name}\n${beginning}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
