import type { RunId } from '#contract/run.ts'
import { WrongUsage } from '../wrong-usage.ts'

/** Reads ids such as `3 4` or `3,4`. @throws WrongUsage when there is none, or a word is no id. */
export function parseIds(words: readonly string[]): RunId[] {
  const ids = words.flatMap((word) => word.split(',')).filter((word) => word !== '')
  if (ids.length === 0) throw new WrongUsage('Name a run by its number')
  return ids.map((word) => {
    if (!/^[1-9]\d{0,14}$/.test(word)) throw new WrongUsage(`"${word}" is no number of a run`)
    return Number(word)
  })
}

/** Reads the one id of a command. @throws WrongUsage */
export function parseId(words: readonly string[]): RunId {
  const [id, ...more] = parseIds(words)
  if (id === undefined || more.length > 0) throw new WrongUsage('Name one run by its number')
  return id
}
