import { once } from 'node:events'
import { access } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { expect, test } from 'playwright/test'
import { ended, openCommandLine, type CommandLine } from './offloop.ts'

let offloop: CommandLine
test.beforeAll(async () => {
  offloop = await openCommandLine()
})
test.afterAll(() => offloop.close())

interface Answer {
  readonly id: number | string | null
  readonly columns?: string[]
  readonly rows?: unknown[]
  readonly changes?: number | null
  readonly ms?: number
  readonly error?: { readonly code: string; readonly message: string; readonly position: number | null }
}

async function session(
  words: readonly string[],
  lines: readonly unknown[],
): Promise<{ status: number | null; answers: Answer[]; stderr: string }> {
  const input = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
  const { status, stdout, stderr } = await offloop.run(['session', ...words], input)
  const answers = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer)
  return { status, answers, stderr }
}

test('2,000 statements with errors among them are answered one by one and in order', async () => {
  const path = offloop.make('many.db', 'create table t(n integer primary key, s text)')
  const lines = Array.from({ length: 2_000 }, (_, id) => {
    // One transaction: the disk's time for 900 of them would be all that is measured.
    if (id === 0) return { id, sql: 'begin' }
    if (id === 1_999) return { id, sql: 'commit' }
    if (id % 50 === 7) return { id, sql: 'selec' }
    if (id % 50 === 9) return { id, sql: 'insert into t values (1, 2)' }
    return id % 2 === 0
      ? { id, sql: 'insert into t(s) values (?)', params: [`text ${id}`] }
      : { id, sql: 'select max(n) from t', raw: true }
  })
  const start = performance.now()
  const { status, answers } = await session([path], lines)
  const perSecond = Math.round((2_000 / (performance.now() - start)) * 1_000)
  test.info().annotations.push({ type: 'statements a second', description: String(perSecond) })
  expect(status).toBe(0)
  expect(answers.map(({ id }) => id)).toEqual(lines.map(({ id }) => id))
  for (const { id, error } of answers)
    expect(error !== undefined).toBe(Number(id) % 50 === 7 || Number(id) % 50 === 9)
  expect(answers[9]?.error).toMatchObject({ code: 'database', engineCode: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
  expect(answers[7]?.error).toMatchObject({ code: 'database', position: 0 })
})

test('rows are objects, and arrays when asked for raw; values are exact', async () => {
  const sql = "select 1 as a, 9007199254740993 as a, 2.0 as r, x'0a' as b, null as n, :s as s"
  const { answers } = await session(
    ['--create', offloop.at('exact.db')],
    [
      { id: 1, sql, params: { s: 'é"\n' }, raw: true },
      { id: 'two', sql, params: { s: 'x' } },
      {
        id: 3,
        sql: 'select typeof(?) t, typeof(?) u, typeof(?) v, ? w',
        params: [1, { real: 1 }, { blob: '00' }, { integer: '-9223372036854775808' }],
        raw: true,
      },
    ],
  )
  expect(answers[0]).toMatchObject({
    id: 1,
    columns: ['a', 'a', 'r', 'b', 'n', 's'],
    rows: [[1, '9007199254740993', 2, { blob: '0a' }, null, 'é"\n']],
    changes: null,
  })
  expect(answers[1]?.rows).toEqual([
    { a: 1, 'a:1': '9007199254740993', r: 2, b: { blob: '0a' }, n: null, s: 'x' },
  ])
  expect(answers[2]?.rows).toEqual([['integer', 'real', 'blob', '-9223372036854775808']])
})

test('temporary tables and transactions last, and the end of the input rolls back what is open', async () => {
  const path = offloop.make('kept.db', 'create table t(a)')
  const first = await session(
    [path],
    [
      { id: 1, sql: 'create temp table x as select 5 as v' },
      { id: 2, sql: 'begin' },
      { id: 3, sql: 'insert into t select v from x' },
      { id: 4, sql: 'commit' },
      { id: 5, sql: 'begin' },
      { id: 6, sql: 'insert into t values (6), (7)' },
      { id: 7, sql: 'select count(*) c from t', raw: true },
    ],
  )
  expect(first.status).toBe(0)
  expect(first.answers[5]?.changes).toBe(2)
  expect(first.answers[6]?.rows).toEqual([[3]])
  const second = await session([path], [{ id: 1, sql: 'select a from t', raw: true }])
  expect(second.answers[0]?.rows).toEqual([[5]])
})

test('another database can be attached, and a missing one is not made', async () => {
  const path = offloop.make('main.db', 'create table t(a)')
  const other = offloop.make('other.db', 'create table o(b); insert into o values (8)')
  const { answers } = await session(
    [path],
    [
      { id: 1, sql: 'attach ? as o', params: [other] },
      { id: 2, sql: 'select b from o.o', raw: true },
      { id: 3, sql: 'attach ? as p', params: [offloop.at('missing.db')] },
    ],
  )
  expect(answers[1]?.rows).toEqual([[8]])
  expect(answers[2]?.error?.code).toBe('database')
  await expect(access(offloop.at('missing.db'))).rejects.toThrow('ENOENT')
})

test('a line that is no request is answered as an error, and the session goes on', async () => {
  const path = offloop.make('lines.db', '')
  const { status, answers } = await session(
    [path],
    [
      '{not json',
      '"text"',
      { id: 3 },
      { id: 4, sql: 'select 1; select 2' },
      { id: 5, sql: 'select ?', params: [] },
      { id: 6, sql: 'select 6', raw: true },
    ],
  )
  expect(status).toBe(0)
  expect(answers.map(({ id }) => id)).toEqual([null, null, 3, 4, 5, 6])
  expect(answers.map(({ error }) => error?.code)).toEqual([
    'invalid-params',
    'invalid-params',
    'invalid-params',
    'database',
    'database',
    undefined,
  ])
})

test('a missing file is made with --create alone, and only then', async () => {
  const path = offloop.at('new.db')
  const refused = await session([path], [{ id: 1, sql: 'select 1' }])
  expect([refused.status, refused.answers]).toEqual([1, []])
  expect(refused.stderr).toContain('not-found')
  const made = await session(['--create', path], [{ id: 1, sql: 'create table t(a)' }])
  expect(made.status).toBe(0)
  expect((await offloop.run(['schema', path])).stdout).toContain('table t')
  const away = await session(['--create', offloop.at('no/folder.db')], [])
  expect([away.status, away.stderr.includes('ENOENT')]).toEqual([1, true])
})

test('a read-only session changes nothing and makes no file', async () => {
  const path = offloop.make('readonly.db', 'create table t(a)')
  const copy = offloop.at('copy.db')
  const { answers } = await session(
    ['--readonly', path],
    [
      { id: 1, sql: 'insert into t values (1)' },
      { id: 2, sql: `vacuum into '${copy}'` },
      { id: 3, sql: 'pragma query_only = off' },
      { id: 4, sql: 'insert into t values (1)' },
    ],
  )
  expect(answers.map(({ error }) => error?.code)).toEqual(['database', 'database', undefined, 'database'])
  await expect(access(copy)).rejects.toThrow('ENOENT')
})

test('whoever waits for an answer before the next question gets it', async () => {
  const child = offloop.start(['session', '--create', offloop.at('turns.db')])
  if (!child.stdout || !child.stdin) throw new Error('There is no input or output.')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  for (let id = 1; id <= 20; id += 1) {
    child.stdin.write(`${JSON.stringify({ id, sql: 'select ? as n', params: [id], raw: true })}\n`)
    const { value } = (await lines.next()) as { value: string }
    expect(JSON.parse(value)).toMatchObject({ id, rows: [[id]] })
  }
  child.stdin.end()
  await once(child, 'close')
  expect(child.exitCode).toBe(0)
})

test('Ctrl-C ends a session inside a statement, and its transaction is rolled back', async () => {
  const path = offloop.make('stopped.db', 'create table t(a)')
  const child = offloop.start(['session', path])
  if (!child.stdout) throw new Error('There is no output.')
  child.stdin?.write('{"id":1,"sql":"begin"}\n{"id":2,"sql":"insert into t values (1)"}\n')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await lines.next()
  await lines.next()
  child.stdin?.write(
    '{"id":3,"sql":"with recursive r(n) as (select 1 union all select n+1 from r) select count(*) from r"}\n',
  )
  child.kill('SIGINT')
  expect((await ended(child)).status).toBe(130)
  const { stdout } = await offloop.run(['query', path, 'select count(*) n from t', '--format', 'csv'])
  expect(stdout).toBe('n\n0\n')
})
