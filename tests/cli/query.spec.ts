import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'playwright/test'
import { ended, openCommandLine, type CommandLine } from './offloop.ts'

const ENDLESS = 'with recursive r(n) as (select 1 union all select n + 1 from r)'

let offloop: CommandLine
let database: string

test.beforeAll(async () => {
  offloop = await openCommandLine()
  database = offloop.make(
    'values.db',
    `create table t(i, r, s, b);
     insert into t values (1, 1.0, 'plain', x'00ff'), (9007199254740993, 9e999, 'a,"b"' || char(10) || 'c', null), (null, -0.5, '', x'')`,
  )
})
test.afterAll(() => offloop.close())

/** The states of the newest runs, from "offloop history". */
async function history(): Promise<
  { id: number; state: { kind: string; how?: string }; spec: { sql: string } }[]
> {
  const { stdout } = await offloop.run(['history', '--json'])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as never)
}

test('CSV holds every value, with NULL and the empty text apart', async () => {
  const { status, stdout } = await offloop.run(['query', database, 'select * from t', '--format', 'csv'])
  expect(status).toBe(0)
  expect(stdout).toBe('i,r,s,b\n1,1.0,plain,00ff\n9007199254740993,Inf,"a,""b""\nc",\n,-0.5,"",""\n')
})

test('JSON keeps integers beyond 2^53, reals, blobs and infinity', async () => {
  const { stdout } = await offloop.run(['query', database, 'select * from t', '--format', 'json'])
  expect(stdout).toContain('"r":1.0')
  expect(JSON.parse(stdout)).toEqual([
    { i: 1, r: 1, s: 'plain', b: { blob: '00ff' } },
    { i: '9007199254740993', r: Infinity, s: 'a,"b"\nc', b: null },
    { i: null, r: -0.5, s: '', b: { blob: '' } },
  ])
})

test('JSON lines, Markdown and the table show one row on a line', async () => {
  const sql = "select 1 as id, 'a|b' || char(10) || '中文' as name"
  const lines = await offloop.run(['query', database, sql, '--format', 'jsonl'])
  expect(lines.stdout).toBe('{"id":1,"name":"a|b\\n中文"}\n')
  const markdown = await offloop.run(['query', database, sql, '--format', 'markdown'])
  expect(markdown.stdout).toBe('| id | name |\n| --- | --- |\n| 1 | a\\|b<br>中文 |\n')
  const table = await offloop.run(['query', database, sql])
  expect(table.stdout).toBe('id  name\n--  ---------\n1   a|b\\n中文\n')
})

test('what could command a terminal is shown as text in a table', async () => {
  const { stdout } = await offloop.run(['query', database, "select char(27) || '[2J' as x"])
  expect(stdout).toContain('\\u001b[2J')
})

test('SQL comes from the standard input or a file, and several statements share one connection', async () => {
  const script = 'create temp table n(x); insert into n values (:x), (:y); select sum(x) as total from n'
  const piped = await offloop.run(
    ['query', database, '--param', 'x=40', '--param', 'y=2', '--format', 'csv'],
    script,
  )
  expect(piped).toEqual({ status: 0, stdout: 'total\n42\n', stderr: '' })
  await writeFile(offloop.at('x.sql'), 'select 7 as seven')
  const { stdout } = await offloop.run(['query', database, '--file', offloop.at('x.sql'), '--format', 'csv'])
  expect(stdout).toBe('seven\n7\n')
})

test('a parameter that is a literal of SQL has its type, and all else is text', async () => {
  const words = ['i=42', 'r=1.5', 'n=NULL', 'z=007', "q='42'", "b=x'00ff'"].flatMap((word) => [
    '--param',
    word,
  ])
  const sql = 'select typeof(:i) i, typeof(:r) r, typeof(:n) n, :z z, typeof(:q) q, hex(:b) b'
  const { stdout } = await offloop.run(['query', database, sql, ...words, '--format', 'csv'])
  expect(stdout).toBe('i,r,n,z,q,b\ninteger,real,null,007,text,00FF\n')
})

test('an error stops the script with its place in the text, and exit status 1', async () => {
  const sql = 'select 1;\n  select nope from t;\nselect 2'
  const { status, stdout, stderr } = await offloop.run(['query', database, sql, '--format', 'csv'])
  expect(status).toBe(1)
  expect(stdout).toBe('1\n1\n')
  expect(stderr).toBe('offloop:2:10: no such column: nope [database SQLITE_ERROR]\n')
})

test('a transaction that is left open is an error, and nothing of it is kept', async () => {
  const path = offloop.make('open.db', 'create table t(a)')
  const { status, stderr } = await offloop.run(['query', path, 'begin; insert into t values (1)'])
  expect(status).toBe(1)
  expect(stderr).toContain('COMMIT')
  const { stdout } = await offloop.run(['query', path, 'select count(*) n from t', '--format', 'csv'])
  expect(stdout).toBe('n\n0\n')
})

test('read-only means that nothing can be changed', async () => {
  const { status, stderr } = await offloop.run(['query', database, 'delete from t', '--readonly'])
  expect(status).toBe(1)
  expect(stderr).toContain('SQLITE_READONLY')
})

test('wrong usage is exit status 2 and one helpful line', async () => {
  for (const words of [['query'], ['query', database, 'a', 'b'], ['query', database, '--nope'], ['nope']]) {
    const { status, stdout, stderr } = await offloop.run(words)
    expect([status, stdout, stderr.trim().split('\n').length]).toEqual([2, '', 1])
    expect(stderr).toContain('--help')
  }
  expect((await offloop.run(['query', database, 'select 1', '--format', 'xml'])).stderr).toContain('markdown')
  expect((await offloop.run(['query', database, 'select 1', '--timeout', 'soon'])).stderr).toContain('30s')
})

test('every command explains itself', async () => {
  for (const name of ['query', 'session', 'databases', 'schema', 'history', 'doctor', 'quit']) {
    const { status, stdout } = await offloop.run([name, '--help'])
    expect(status).toBe(0)
    expect(stdout).toContain(`offloop ${name}`)
  }
  expect((await offloop.run(['--version'])).stdout).toMatch(/^offloop \d+\.\d+\.\d+\n$/)
})

test('a timeout is exit status 124, and the query has ended', async () => {
  const { status, stderr } = await offloop.run([
    'query',
    database,
    `${ENDLESS} select count(*) from r`,
    '--timeout',
    '500ms',
  ])
  expect(status).toBe(124)
  expect(stderr).toContain('0.5 s')
  expect((await history())[0]?.state.kind).toBe('timed-out')
})

test('Ctrl-C is exit status 130, and the run is cancelled before that', async () => {
  const child = offloop.start(['query', database, `${ENDLESS} select n from r`, '--format', 'csv'])
  child.stdout?.once('data', () => child.kill('SIGINT'))
  const { status, stderr } = await ended(child)
  expect(status).toBe(130)
  expect(stderr).toContain('[cancelled]')
  expect((await history())[0]?.state.kind).toBe('cancelled')
})

test('a query inside a statement that never returns is ended all the same', async () => {
  const child = offloop.start(['query', database, `${ENDLESS} select count(*) from r`])
  await expect.poll(async () => (await history())[0]?.state.kind).toBe('running')
  const start = performance.now()
  child.kill('SIGINT')
  expect((await ended(child)).status).toBe(130)
  expect(performance.now() - start).toBeLessThan(5_000)
  // By an interrupt where the SQLite extension could be built, and otherwise with its process.
  const state = (await history())[0]?.state
  expect(state?.kind).toBe('cancelled')
  expect(['interrupted', 'process-ended']).toContain(state?.kind === 'cancelled' ? state.how : undefined)
})

test('a reader that leaves ends the query quietly', async () => {
  const child = offloop.start(['query', database, `${ENDLESS} select n from r`, '--format', 'csv'])
  if (!child.stdout || !child.stderr) throw new Error('There is no output.')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect([child.exitCode, stderr]).toEqual([0, ''])
  await expect.poll(async () => (await history())[0]?.state.kind).toBe('cancelled')
})

test('a reader that pauses costs no memory, and Ctrl-C works all the same', async () => {
  const child = offloop.start([
    'query',
    database,
    `${ENDLESS} select n, hex(zeroblob(200)) from r`,
    '--format',
    'csv',
  ])
  if (!child.stdout) throw new Error('There is no output.')
  await once(child.stdout, 'readable')
  // Time in which an unbounded writer would take hundreds of megabytes.
  await delay(3_000)
  const memory = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${child.pid ?? 0}/status`, 'utf8'))?.[1]
  expect(Number(memory)).toBeLessThan(200_000)
  child.kill('SIGINT')
  await once(child, 'exit')
  expect(child.exitCode).toBe(130)
  child.stdout.destroy()
})

test('a million rows arrive whole and in order', async () => {
  const sql = `${ENDLESS} select n from r limit 1000000`
  const path = offloop.at('rows.csv')
  expect((await offloop.run(['query', database, sql, '--format', 'csv', '--output', path])).status).toBe(0)
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  expect(lines.length).toBe(1_000_001)
  expect(lines.every((line, index) => index === 0 || Number(line) === index)).toBe(true)
})

test('a file is there whole or not at all', async () => {
  const path = offloop.at('broken.csv')
  const { status } = await offloop.run(['query', database, 'select 1; select nope', '--output', path])
  expect(status).toBe(1)
  expect((await readdir(offloop.folder)).filter((name) => name.startsWith('broken'))).toEqual([])
  const away = await offloop.run(['query', database, 'select 1', '--output', offloop.at('no/such/folder')])
  expect(away.status).toBe(1)
  expect(away.stderr).toContain('no/such/folder')
})

test('databases, schema and history show what there is', async () => {
  const { stdout: list } = await offloop.run(['databases', '--json'])
  expect(Array.isArray(JSON.parse(list))).toBe(true)
  const { stdout: schema } = await offloop.run(['schema', database])
  expect(schema).toContain('table t\n  i')
  const { stdout: json } = await offloop.run(['schema', database, '--json'])
  expect(JSON.parse(json)).toMatchObject({ tables: [{ name: 't' }] })
  const { stdout: runs } = await offloop.run(['history', '--limit', '2'])
  expect(runs.trim().split('\n').length).toBe(3)
})

test('twenty at once on one database: nothing is lost, nothing doubled', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      offloop.run(['query', database, `select ${n} as n`, '--format', 'csv']),
    ),
  )
  expect(answers.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 20 }, (_, n) => `n\n${n}\n`))
})

test('a query waits in a pool, behind a command and for its end, says why when asked, and Ctrl-C takes it out', async () => {
  await offloop.run(['pool', 'add', 'one', '--concurrency', '1'])
  const command = (await offloop.run(['run', '--pool', 'one', '--', 'sleep', '100'])).stdout.trim()
  const words = ['query', database, 'select 7 as n', '--format', 'csv', '--pool', 'one', '--verbose']
  const waiting = offloop.start(words)
  const answer = ended(waiting)
  const [said] = (await once(waiting.stderr ?? waiting, 'data')) as [Buffer]
  expect(String(said)).toMatch(/^offloop: run \d+ waits: pool one runs 1 \(it is the next\)\n$/)
  const id = /\d+/.exec(String(said))?.[0] ?? ''
  expect((await offloop.run(['ls'])).stdout).toMatch(new RegExp(`^${id} +one +queued: pool one runs 1`, 'm'))
  const shown = JSON.parse((await offloop.run(['show', id, '--json'])).stdout) as unknown
  expect(shown).toMatchObject({ terms: { pool: 'one' }, reasons: [{ kind: 'pool-full', ahead: 0 }] })

  const stopped = offloop.start([...words, '--after-end', command])
  const interrupted = ended(stopped)
  await once(stopped.stderr ?? stopped, 'data')
  stopped.kill('SIGINT')
  expect(await interrupted).toMatchObject({ status: 130, stdout: '' })

  await offloop.run(['cancel', command])
  expect(await answer).toMatchObject({ status: 0, stdout: 'n\n7\n' })
  const never = await offloop.run(['query', database, 'select 8', '--after', command])
  expect(never.status).toBe(1)
  expect(never.stderr).toMatch(new RegExp(`^offloop: run \\d+ was not started: run ${command} did not end`))
  const file = offloop.at('after.csv')
  const exported = await offloop.run([
    'export',
    '--database',
    database,
    '--sql',
    'select 7 as n',
    '--to',
    file,
    '--after',
    id,
  ])
  expect(exported).toMatchObject({ status: 0, stderr: 'offloop: 1 rows\n' })
  const unknown = await offloop.run(['query', '--saved', 'reports/none'])
  expect(unknown.status).toBe(1)
  expect(unknown.stderr).toContain('reports/none')
})
