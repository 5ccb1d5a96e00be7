import { language } from '../../messages/i18n.ts'

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
const BYTES_PER_STEP = 1_000
/** Formatters are costly to make (about 30 µs) and drawn rows need thousands. */
const formatters = new Map<string, Intl.NumberFormat>()

/** The formatter for the language that is shown. */
export function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${language.value} ${JSON.stringify(options)}`
  let made = formatters.get(key)
  if (!made) formatters.set(key, (made = new Intl.NumberFormat(language.value, options)))
  return made
}

const PLAIN: Intl.NumberFormatOptions = { maximumFractionDigits: 0 }

/** A whole number in the person's language: `1,204,000`. */
export function formatCount(count: number): string {
  return formatter(PLAIN).format(count)
}

/** A share from 0 to 1 as whole percent. */
export function formatPercent(fraction: number): string {
  return formatter({ style: 'percent', maximumFractionDigits: 0 }).format(fraction)
}

/** A size in bytes in the unit that gives one to four digits, in steps of 1,000: `12.4 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let step = 0
  while (value >= BYTES_PER_STEP && step < BYTE_UNITS.length - 1) {
    value /= BYTES_PER_STEP
    step += 1
  }
  const unit = BYTE_UNITS[step] ?? 'byte'
  const unitDisplay = step === 0 ? 'long' : 'short'
  return formatter({
    style: 'unit',
    unit,
    unitDisplay,
    maximumFractionDigits: value < 100 && step > 0 ? 1 : 0,
  }).format(value)
}
