import { expect, test } from 'vitest'
import { emptyPipe } from './pipe-draft.ts'
import { pipeTerms } from './pipe-terms.ts'
import { FIRST_DRAFT, readDraft, type TermsDraft } from './terms/terms-draft.ts'

const toCommand = { ...emptyPipe(), after: 'command' as const }
const fromQuery = { ...emptyPipe(), before: 'query' as const }

function asked(pipe: typeof toCommand | typeof fromQuery, changes: Partial<TermsDraft>) {
  const read = readDraft({ ...FIRST_DRAFT, ...changes }, 'UTC')
  if (!read.ok) throw new Error(read.message)
  return pipeTerms(pipe, read.terms, read.timing)
}

test('a pipe waits as its first command is asked to', () => {
  const changes = {
    pool: 'slow',
    priority: '3',
    locks: 'gpu',
    after: '12',
    start: 'delay',
    delay: '1h',
  } as const
  expect(asked(toCommand, changes)).toMatchObject({
    ...{ pool: 'slow', priority: 3, locks: ['gpu'], after: [{ run: 12, on: 'success' }], delayMs: 3_600_000 },
  })
  expect(asked(toCommand, { start: 'held' })).toMatchObject({ held: true })
})

test('what cannot be asked of a pipe is said before it is made', () => {
  expect(asked(toCommand, { start: 'every', every: '1h' })).toBe('pipes.noSchedule')
  expect(asked(toCommand, { retries: '2' })).toBe('pipes.noRetries')
  expect(asked(fromQuery, { pool: 'slow', priority: '3' })).toEqual({ pool: 'slow', priority: 3 })
  for (const changes of [{ locks: 'gpu' }, { after: '1' }, { start: 'held' }, { runLimit: '1h' }] as const)
    expect(asked(fromQuery, changes), JSON.stringify(changes)).toBe('pipes.startsAtOnce')
})
