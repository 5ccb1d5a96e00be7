import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { expect, test } from 'playwright/test'
import { ended, openCommandLine, type CommandLine } from './offloop.ts'

/** Never ends, and writes as long as it is let. */
const ENDLESS = 'with recursive r(n) as (select 1 union all select n + 1 from r) select n from r'

let offloop: CommandLine
let database: string

test.beforeAll(async () => {
  offloop = await openCommandLine()
  database = offloop.make(
    'source.db',
    `create table t(code text, i integer, r real, s text);
     insert into t values ('007', 900719925474099, 0.1, 'a,"b"' || char(10) || 'c'), ('1e5', -1, -2.5, '中文'), (null, null, null, '')`,
  )
})
test.afterAll(() => offloop.close())

async function query(file: string, sql: string): Promise<string> {
  const { status, stdout, stderr } = await offloop.run(['query', file, sql, '--format', 'json'])
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout
}

test('what an export of a query wrote, an import reads back value by value', async () => {
  const file = offloop.at('rows.csv')
  const out = await offloop.run(['export', '--database', database, '--sql', 'select * from t', '--to', file])
  expect([out.status, out.stderr]).toEqual([0, expect.stringContaining('3 rows')])
  expect(await readFile(file, 'utf8')).toBe(
    'code,i,r,s\n007,900719925474099,0.1,"a,""b""\nc"\n1e5,-1,-2.5,中文\n,,,""\n',
  )
  const copy = offloop.make('copy.db', 'create table other(a)')
  const back = await offloop.run(['import', copy, file, '--table', 't'])
  expect([back.status, back.stderr]).toEqual([0, expect.stringContaining('3 rows')])
  expect(await query(copy, 'select * from t')).toBe(await query(database, 'select * from t'))
})

test('a file of JSON lines is added to a table that is there, by the names of its columns', async () => {
  const target = offloop.make(
    'append.db',
    "create table t(b text, a integer); insert into t values ('old', 0)",
  )
  await writeFile(offloop.at('more.jsonl'), '{"a":1,"b":"x"}\n{"b":"007","a":2}\n')
  const { status } = await offloop.run([
    'import',
    target,
    offloop.at('more.jsonl'),
    '--table',
    't',
    '--append',
  ])
  expect(status).toBe(0)
  expect(JSON.parse(await query(target, 'select a, b from t order by a'))).toEqual([
    { a: 0, b: 'old' },
    { a: 1, b: 'x' },
    { a: 2, b: '007' },
  ])
})

test('a row that does not fit is named, and none is kept', async () => {
  const target = offloop.make('strict.db', 'create table t(a integer not null)')
  await writeFile(offloop.at('worse.csv'), 'a\n1\n2,3\n')
  const worse = await offloop.run(['import', target, offloop.at('worse.csv'), '--table', 't', '--append'])
  expect(worse.status).toBe(1)
  expect(worse.stderr).toMatch(/row 2|line 3/)
  const missing = await offloop.run(['import', target, offloop.at('nothing.csv'), '--table', 't', '--append'])
  expect([missing.status, missing.stderr.includes('nothing.csv')]).toEqual([1, true])
  expect(JSON.parse(await query(target, 'select count(*) as n from t'))).toEqual([{ n: 0 }])
})

test('a file that is there is replaced only when that is asked for', async () => {
  const file = offloop.at('kept.csv')
  await writeFile(file, 'mine')
  const words = ['export', '--database', database, '--sql', 'select 1 as a', '--to', file]
  const refused = await offloop.run(words)
  expect([refused.status, refused.stderr.includes('kept.csv')]).toEqual([1, true])
  expect(await readFile(file, 'utf8')).toBe('mine')
  expect((await offloop.run([...words, '--replace'])).status).toBe(0)
  expect(await readFile(file, 'utf8')).toBe('a\n1\n')
})

test('Ctrl-C ends an export with 130 and leaves no file', async () => {
  const file = offloop.at('cancelled.csv')
  const child = offloop.start(['export', '--database', database, '--sql', ENDLESS, '--to', file])
  await expect.poll(async () => (await started(file)) > 0).toBe(true)
  child.kill('SIGINT')
  const { status } = await ended(child)
  expect(status).toBe(130)
  expect((await readdir(offloop.folder)).filter((name) => name.includes('cancelled'))).toEqual([])
})

/** How many bytes an export has written beside the place of its file by now. */
async function started(file: string): Promise<number> {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const found = (await readdir(offloop.folder)).find((entry) => entry.includes(name))
  return found === undefined ? 0 : (await stat(offloop.at(found))).size
}

test('wrong usage is told in a line, and nothing is started for it', async () => {
  for (const words of [
    ['export'],
    ['export', '--to', offloop.at('x.csv')],
    ['export', 'one', '--to', offloop.at('x.csv')],
    ['export', '1', '--to', offloop.at('x.nope')],
    ['import', database],
    ['import', database, 'x.csv'],
  ]) {
    const child = offloop.start(words)
    const { status, stderr } = await ended(child)
    expect([words, status, stderr.trim().split('\n').length]).toEqual([words, 2, expect.any(Number)])
  }
})
