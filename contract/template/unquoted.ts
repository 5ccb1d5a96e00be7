/** A variable with or without braces: `$name`, `${name`. */
const VARIABLE = /^\$\{?([A-Za-z_]\w*)/
/** `${name:+…}`: what follows says what is put there, and may itself be quoted. */
const ALTERNATIVE = /^\$\{[A-Za-z_]\w*:?\+/

/**
 * The variables of a line for the shell that stand outside of quotes, where the shell would split their values at spaces and
 * take `*` for the names of files. A hint for whoever writes the line, by the grammar of POSIX as far as it concerns quotes; a
 * line with a here-document is not looked at.
 * @param names the variables that matter.
 */
export function unquotedIn(line: string, names: ReadonlySet<string>): string[] {
  if (line.includes('<<')) return []
  const found = new Set<string>()
  /** What is open, the innermost last: a text in double quotes, or commands inside of one. */
  const open: ('"' | ')' | '`')[] = []
  let word = ''
  for (let at = 0; at < line.length; at += 1) {
    const rest = line.slice(at)
    const letter = line.charAt(at)
    const quoted = open.at(-1) === '"'
    if (letter === '\\') at += 1
    else if (letter === "'" && !quoted) {
      const end = line.indexOf("'", at + 1)
      at = end < 0 ? line.length : end
    } else if (letter === '#' && !quoted && word === '') {
      const end = line.indexOf('\n', at)
      at = end < 0 ? line.length : end
    } else if (letter === '"') {
      if (quoted) open.pop()
      else open.push('"')
    } else if (rest.startsWith('$(')) {
      open.push(')')
      at += 1
      word = ''
      continue
    } else if (letter === ')' && open.at(-1) === ')') open.pop()
    else if (letter === '`') {
      if (open.at(-1) === '`') open.pop()
      else open.push('`')
    } else if (letter === '$' && !quoted) {
      const name = VARIABLE.exec(rest)?.[1]
      // The value of an assignment is not split.
      const isAssigned = /^[A-Za-z_]\w*=/.test(word)
      if (name !== undefined && names.has(name) && !isAssigned && !ALTERNATIVE.test(rest)) found.add(name)
    }
    word = !quoted && /[\s;&|()<>]/.test(letter) ? '' : word + letter
  }
  return [...found]
}
