import { WrongUsage } from '../wrong-usage.ts'

/** Reads a whole number. @throws WrongUsage */
export function parseInteger(word: string): number {
  if (!/^-?\d{1,9}$/.test(word)) throw new WrongUsage(`"${word}" is no whole number`)
  return Number(word)
}

/** Reads a whole number that is not negative. @throws WrongUsage */
export function parseCount(word: string): number {
  const count = parseInteger(word)
  if (count < 0) throw new WrongUsage(`"${word}" is negative`)
  return count
}
