import { rounded, type Verdict } from './figure.ts'

const HEADINGS = ['bench', 'figure', 'median', 'min', 'max', 'unit', 'baseline', 'ratio', 'goal', 'met']

/** Verdicts as a Markdown table whose columns also line up in a terminal. */
export function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(cells)
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  return [line(HEADINGS), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

function cells({ bench, figure, value, min, max, unit, baseline, ratio, goal, met }: Verdict): string[] {
  const number = (measured: number | null): string =>
    measured === null ? '' : rounded(measured).toLocaleString('en')
  return [
    bench,
    figure,
    number(value),
    number(min),
    number(max),
    unit,
    number(baseline),
    number(ratio),
    goal,
    met ? 'yes' : 'NO',
  ]
}
