import { MAX_PROMPT } from '#contract/run.ts'
import { harmlessText } from '#contract/harmless-text.ts'
import { SEQUENCES } from '../escape-sequences.ts'

/** What prompts end with, where nothing else says that one is asked. */
const ASKING_END = /[:?>\])$#%»❯]$/u

/** The words before the cursor, when the output does not end a line; undefined where there are none. */
export function promptIn(text: string): string | undefined {
  const plain = text.replace(SEQUENCES, '')
  const line = plain.slice(Math.max(plain.lastIndexOf('\n'), plain.lastIndexOf('\r')) + 1)
  const words = harmlessText(line, MAX_PROMPT)
  return words === '' ? undefined : words
}

/** Whether words look as if they ask for something. */
export function looksAsking(prompt: string): boolean {
  return ASKING_END.test(prompt)
}
