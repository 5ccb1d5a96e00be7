/** A test that a page of the documentation names: its title, and the end of the path of its file. */
export interface NamedTest {
  readonly title: string
  readonly file: string
}

/** A file in parentheses, and before it what it belongs to. */
const FILE = /\(`([^`]+\.(?:test|spec)\.ts)`\)/
const CODE = /`([^`]+)`/g

/**
 * The tests that a page in Markdown names: texts in backticks, followed by the file that they are in, in parentheses and
 * backticks. Several titles may share the file behind the last of them, as long as only commas and "and" join them.
 */
export function namedTests(page: string): readonly NamedTest[] {
  const found: NamedTest[] = []
  // Behind each file the next titles begin; a line of a table and a paragraph keep to themselves.
  for (const block of page.replaceAll(/\n(?!\n|\|)/g, ' ').split('\n')) {
    let rest = block
    for (let match = FILE.exec(rest); match !== null; match = FILE.exec(rest)) {
      const before = rest.slice(0, match.index)
      for (const title of joinedTitles(before)) found.push({ title, file: match[1] ?? '' })
      rest = rest.slice(match.index + match[0].length)
    }
  }
  return found
}

/** The texts in backticks at the end of a text, as far back as nothing but a list of them joins them. */
function joinedTitles(text: string): readonly string[] {
  const titles: string[] = []
  let end = text.length
  for (const match of [...text.matchAll(CODE)].reverse()) {
    const between = text.slice(match.index + match[0].length, end)
    if (!/^\s*(?:,|and|, and)?\s*$/.test(between)) break
    titles.unshift(match[1] ?? '')
    end = match.index
  }
  return titles
}
