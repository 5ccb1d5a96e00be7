import { expect, test } from 'vitest'
import { draftOfCommand, emptyDraft, missingIn, specOf } from './command-draft.ts'

const draft = (change: Partial<ReturnType<typeof emptyDraft>>) => ({
  ...emptyDraft(),
  line: ' make -j4 ',
  folder: '/work',
  ...change,
})

test('a draft says what it lacks', () => {
  expect(missingIn(emptyDraft())).toBe('runs.missingLine')
  expect(missingIn(draft({ kind: 'program' }))).toBe('runs.missingLine')
  expect(missingIn(draft({ folder: ' ' }))).toBe('runs.missingFolder')
  expect(missingIn(draft({ input: 'file' }))).toBe('runs.missingInput')
  expect(missingIn(draft({}))).toBeUndefined()
})

test('arguments are lines, spaces and quotes in them included', () => {
  const { command } = specOf(draft({ kind: 'program', program: ' python3 ', args: '-c\nprint("a  b")\n\n' }))
  expect(command).toEqual({ kind: 'program', program: 'python3', args: ['-c', 'print("a  b")'] })
})

test('a command reads what was chosen, and in a terminal what is typed there', () => {
  expect(specOf(draft({}))).toEqual({
    kind: 'command',
    command: { kind: 'shell', line: 'make -j4' },
    folder: '/work',
    environment: {},
  })
  expect(specOf(draft({ input: 'text', inputText: ' a\n' })).standardInput).toEqual({
    kind: 'text',
    text: ' a\n',
  })
  expect(specOf(draft({ input: 'file', inputFile: '/f' })).standardInput).toEqual({
    kind: 'file',
    path: '/f',
  })
  expect(specOf(draft({ input: 'open' })).standardInput).toEqual({ kind: 'open' })
  const typed = specOf(draft({ input: 'open', inTerminal: true }))
  expect([typed.standardInput, typed.terminal]).toEqual([undefined, { columns: 80, rows: 24 }])
})

test('a command that is edited is what it was, unless the form has no place for it', () => {
  const specs = [
    specOf(draft({ environment: { A: null, B: '1' }, input: 'text', inputText: 'x' })),
    specOf(draft({ kind: 'program', program: 'tool', args: 'a b\n{c}', input: 'file', inputFile: '/f' })),
    specOf(draft({ input: 'open' })),
    specOf(draft({ inTerminal: true })),
  ]
  for (const spec of specs) expect(specOf(draftOfCommand(spec) ?? emptyDraft())).toEqual(spec)
  const command = { kind: 'program' as const, program: 'echo', args: ['a\nb'] }
  expect(draftOfCommand({ ...specOf(draft({})), command })).toBeUndefined()
})
