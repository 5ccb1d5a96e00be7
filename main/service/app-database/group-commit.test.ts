import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { Answer } from './messages.ts'
import type { OperationName } from './operations.ts'
import { groupCommit, SLOW_MS } from './group-commit.ts'

test('a slow operation is named in the log, without its parameters', async () => {
  const db = new Sqlite(':memory:')
  const slow: string[] = []
  const answered = new Promise<readonly Answer[]>((resolve) => {
    const wait = (): void => {
      const until = performance.now() + SLOW_MS + 10
      while (performance.now() < until);
    }
    const group = groupCommit({
      db,
      operations: { 'setting.write': wait, 'setting.read': () => [] } as unknown as Record<
        OperationName,
        () => unknown
      >,
      onCommitted: resolve,
      onSlow: (name, milliseconds) => slow.push(`${name} ${milliseconds > SLOW_MS}`),
    })
    group.add({ kind: 'operation', id: 1, name: 'setting.write', params: { secret: 'hidden' } })
    group.add({ kind: 'operation', id: 2, name: 'setting.read', params: undefined })
  })
  expect((await answered).map(({ ok }) => ok)).toEqual([true, true])
  expect(slow).toEqual(['setting.write true'])
  db.close()
})

test('an operation that fails is undone alone; the others of its commit are kept', async () => {
  const db = new Sqlite(':memory:')
  db.exec('CREATE TABLE kept (value TEXT NOT NULL)')
  const insert = db.prepare('INSERT INTO kept VALUES (?)')
  const commits: (readonly Answer[])[] = []
  const answered = new Promise<void>((resolve) => {
    const group = groupCommit({
      db,
      operations: {
        'setting.write': (values: readonly (string | null)[]) => values.forEach((value) => insert.run(value)),
      } as unknown as Record<OperationName, (params: never) => unknown>,
      onCommitted(answers) {
        commits.push(answers)
        resolve()
      },
      onSlow: () => undefined,
    })
    group.add({ kind: 'operation', id: 1, name: 'setting.write', params: ['before'] })
    group.add({ kind: 'operation', id: 2, name: 'setting.write', params: ['half', null] })
    group.add({ kind: 'operation', id: 3, name: 'setting.write', params: ['after'] })
  })
  await answered
  expect(commits.map((answers) => answers.map(({ ok }) => ok))).toEqual([[true, false, true]])
  expect(db.prepare('SELECT value FROM kept').pluck().all()).toEqual(['before', 'after'])
  db.close()
})
