import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MAX_PROMPT } from '#contract/run.ts'
import { looksAsking, promptIn } from './prompt-in.ts'

test('a prompt is what stands before the cursor, without its colours', () => {
  expect(promptIn('first\nPassword: ')).toBe('Password:')
  expect(promptIn('50%\rProceed [Y/n] \u001b[0m')).toBe('Proceed [Y/n]')
  expect(promptIn('a line\n')).toBeUndefined()
  expect(promptIn('')).toBeUndefined()
})

test('whatever is written, a prompt is one line of text that is not too long', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (written) => {
      const prompt = promptIn(written) ?? ''
      expect(prompt.length).toBeLessThanOrEqual(MAX_PROMPT)
      expect(prompt).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

test('where nothing else tells, words that ask end as prompts do', () => {
  for (const asking of ['Password:', 'Sure?', 'mysql>', '(y/n)', '[Y/n]', 'root#'])
    expect(looksAsking(asking)).toBe(true)
  for (const other of ['Loading...', 'Compiling', 'done']) expect(looksAsking(other)).toBe(false)
})
