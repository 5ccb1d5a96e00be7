import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchContext } from './benchmark.ts'
import type { Verdict } from './figure.ts'
import { describeMachine } from './machine.ts'
import { table } from './table.ts'

const BEGIN = '<!-- figures of the last full run: npm run bench -- --save -->'
const END = '<!-- end of the figures -->'

/** Puts the figures and the machine into docs/performance.md, between its two marks. What a person wrote there stays. */
export async function save(context: BenchContext, verdicts: readonly Verdict[]): Promise<void> {
  const file = join(context.root, 'docs', 'performance.md')
  const text = await readFile(file, 'utf8')
  const begin = text.indexOf(BEGIN)
  const end = text.indexOf(END)
  if (begin === -1 || end < begin) {
    throw new Error(
      `${file} has lost its marks. Put these two lines where the figures belong:\n${BEGIN}\n${END}`,
    )
  }
  const figures = `${BEGIN}\n\n${await describeMachine(context)}\n\n${table(verdicts)}\n\n`
  await writeFile(file, text.slice(0, begin) + figures + text.slice(end))
  context.say(`The figures are in ${file}.`)
}
