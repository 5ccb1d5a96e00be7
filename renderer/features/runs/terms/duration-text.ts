const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Reads a duration such as `90s`, `1.5h` or `1h 30m`. @returns milliseconds; undefined for what is none */
export function readDuration(text: string): number | undefined {
  const compact = text.replace(/\s+/gu, '').replaceAll(',', '.').toLowerCase()
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/u.test(compact)) return undefined
  let ms = 0
  for (const [, number, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gu))
    ms += Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS]
  return ms >= 1 ? Math.round(ms) : undefined
}

/** Writes a duration so that `readDuration` reads the same: in the largest unit of which it is a whole number. */
export function durationText(ms: number): string {
  const [unit = 'ms', size = 1] =
    Object.entries(UNITS_MS)
      .reverse()
      .find(([, each]) => ms % each === 0) ?? []
  return `${ms / size}${unit}`
}
