/**
 * The parameters that the columns of a result are: their names in small letters, with _ for whatever no name has. Of columns
 * with the same name the later ones get a number.
 */
export function columnParameters(columns: readonly string[]): string[] {
  const taken = new Set<string>()
  return columns.map((column, index) => {
    const folded = column.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_')
    const base = /^[a-z]/.test(folded) ? folded.slice(0, MOST_LETTERS) : `column_${index + 1}`
    let name = base
    for (let number = 2; taken.has(name); number += 1) name = `${base}_${number}`
    taken.add(name)
    return name
  })
}

/** Of a parameter's 64, with room for a number. */
const MOST_LETTERS = 56
