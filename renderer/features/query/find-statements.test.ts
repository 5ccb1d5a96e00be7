import { expect, test } from 'vitest'
import { findAllParameters, findStatements, parameterKey } from './find-statements.ts'

test('a text is cut in slices as it is cut at once, and the page can do other things meanwhile', async () => {
  const text = "INSERT INTO t VALUES (1, 'a;b');\n".repeat(20_000)
  let turns = 0
  const counting = setInterval(() => (turns += 1))
  const statements = await findStatements(text, 'sqlite')
  clearInterval(counting)
  expect(statements).toHaveLength(20_000)
  expect(statements.at(-1)?.text).toBe("INSERT INTO t VALUES (1, 'a;b')")
  expect(turns).toBeGreaterThan(0)
})

test('cutting ends when it is no longer wanted', async () => {
  const stopping = new AbortController()
  const cutting = findStatements('SELECT 1;\n'.repeat(100_000), 'sqlite', stopping.signal)
  stopping.abort(new Error('not wanted'))
  await expect(cutting).rejects.toThrow('not wanted')
})

test('a name that several statements ask for is asked for once', async () => {
  const statements = await findStatements('SELECT :a, :b; SELECT :b, ?; SELECT 1', 'sqlite')
  const { ofEach, all } = await findAllParameters(statements, 'sqlite')
  expect(all.map(parameterKey)).toEqual(['a', 'b', '?2'])
  expect(ofEach.map((each) => each.map(parameterKey))).toEqual([['a', 'b'], ['b', '?2'], []])
})

test('a cast of PostgreSQL is no parameter', async () => {
  const statements = await findStatements('SELECT 1::int, $2, :name, $$ :quoted $$', 'postgres')
  const { all } = await findAllParameters(statements, 'postgres')
  expect(all.map(parameterKey)).toEqual(['?2', 'name'])
})
