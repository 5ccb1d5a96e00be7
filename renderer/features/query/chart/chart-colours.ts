/** The colours that a chart is drawn in: a canvas has no styles of its own. */
export interface ChartColours {
  readonly ink: string
  readonly quiet: string
  readonly line: string
  readonly surface: string
  /** One for each line. */
  readonly series: readonly string[]
  readonly font: string
}

const SERIES = ['--accent', '--terminal-yellow', '--terminal-magenta', '--terminal-cyan']

/** Reads the colours of the theme that is shown. */
export function chartColours(): ChartColours {
  const style = getComputedStyle(document.documentElement)
  const read = (name: string): string => style.getPropertyValue(name).trim()
  return {
    ink: read('--ink'),
    quiet: read('--ink-quiet'),
    line: read('--line'),
    surface: read('--surface'),
    series: SERIES.map(read),
    font: read('--font-ui'),
  }
}
