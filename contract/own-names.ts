/**
 * Names for the columns of a result that is a table: none is missing or there twice, compared as SQLite does, without
 * regard to case in ASCII. A name that is taken gets a number, as in a table that SQLite makes of a query.
 */
export function ownNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((wanted, index) => {
    const base = wanted === '' ? `column${index + 1}` : wanted
    let name = base
    for (let number = 1; taken.has(folded(name)); number += 1) name = `${base}:${number}`
    taken.add(folded(name))
    return name
  })
}

function folded(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
