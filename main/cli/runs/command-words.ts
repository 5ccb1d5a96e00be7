import type { CommandSpec } from '#contract/run.ts'
import { WrongUsage } from '../wrong-usage.ts'

/** Words before `--` are the command line's own, those behind it are the command's. */
export function splitWords(words: readonly string[]): { own: readonly string[]; command: readonly string[] } {
  const at = words.indexOf('--')
  return at < 0 ? { own: words, command: [] } : { own: words.slice(0, at), command: words.slice(at + 1) }
}

/** What to run. @param asLine take the words as one line for the shell. @throws WrongUsage when there are none. */
export function commandOf(words: readonly string[], asLine: boolean): CommandSpec['command'] {
  const [program, ...args] = words
  if (program === undefined || program === '') throw new WrongUsage('Say what to run, behind --')
  return asLine ? { kind: 'shell', line: words.join(' ') } : { kind: 'program', program, args }
}

/** Reads `NAME=value`, or `NAME` to unset it. @throws WrongUsage */
export function environmentOf(words: readonly string[]): CommandSpec['environment'] {
  return Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at === 0 || word === '') throw new WrongUsage(`"${word}" is no variable. Give it as NAME=value`)
      return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)]
    }),
  )
}
