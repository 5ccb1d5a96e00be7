import { WrongUsage } from './wrong-usage.ts'

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const
/** A timer's limit in Node: 2^31 - 1 ms, 24 days. */
const MAX_MS = 2_147_483_647

/**
 * Reads a duration such as `500ms`, `30s`, `1.5m`, `2h`, or a number of seconds.
 * @returns milliseconds, at least 1.
 * @throws WrongUsage
 */
export function parseDuration(text: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Math.round(Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS])
  if (!(ms >= 1 && ms <= MAX_MS)) {
    throw new WrongUsage(`"${text}" is no duration. Give one such as 500ms, 30s, 5m or 2h`)
  }
  return ms
}
