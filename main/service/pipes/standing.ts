import type { Pipe, PipeReader, PipeState, PipeWriter } from '#contract/pipe.ts'
import type { PipeContent } from './stored-pipe.ts'

/** What the process of a pipe says about it: its gauge, and at the end how it ended. */
export type Standing = Pick<Pipe, 'size' | 'added' | 'writers' | 'readers'>

const WRITER_STATES: readonly string[] = ['open', 'closed', 'ended'] satisfies PipeWriter['state'][]
const READER_STATES: readonly string[] = ['awaited', 'open', 'gone'] satisfies PipeReader['state'][]

/** A pipe through which nothing has gone. */
export function emptyStanding({ writers, readers }: PipeContent): Standing {
  return {
    size: 0,
    added: 0,
    writers: writers.map(({ run }) => ({ run, bytes: 0, state: 'open' })),
    readers: readers.map(({ run }) => ({ run, bytes: 0, queued: 0, state: 'awaited' })),
  }
}

/** Reads a gauge. Lines that say nothing to this are passed over. */
export function readStanding(text: string, content: PipeContent): Standing {
  const standing = emptyStanding(content)
  const writers: PipeWriter[] = []
  const readers: PipeReader[] = []
  let { size, added } = standing
  for (const line of text.split('\n')) {
    const [name, first = '', second = '', third = ''] = line.split(' ')
    const number = Number(first)
    if (name === 'size') size = number
    else if (name === 'added') added = number
    else if (name === 'writer') {
      const before = standing.writers[writers.length]
      if (before && isWriterState(second)) writers.push({ ...before, bytes: number, state: second })
    } else if (name === 'reader') {
      const before = standing.readers[readers.length]
      if (before && isReaderState(third))
        readers.push({ ...before, bytes: number, queued: Number(second), state: third })
    }
  }
  return {
    size,
    added,
    writers: [...writers, ...standing.writers.slice(writers.length)],
    readers: [...readers, ...standing.readers.slice(readers.length)],
  }
}

/** Reads the first line of a record of the end; undefined for anything else. */
export function readEnd(text: string, { writers, readers }: PipeContent): PipeState | undefined {
  const [how, number = ''] = (text.split('\n')[0] ?? '').split(' ')
  const index = Number(number) - 1
  switch (how) {
    case 'whole':
      return { kind: 'whole' }
    case 'early':
      return { kind: 'ended-early', run: readers[index]?.run ?? null }
    case 'cut':
      return { kind: 'cut', run: writers[index]?.run ?? null }
    case undefined:
    default:
      return undefined
  }
}

function isWriterState(word: string): word is PipeWriter['state'] {
  return WRITER_STATES.includes(word)
}

function isReaderState(word: string): word is PipeReader['state'] {
  return READER_STATES.includes(word)
}
