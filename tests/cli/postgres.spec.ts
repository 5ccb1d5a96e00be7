import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'playwright/test'
import { noServer, PASSWORD, startServer, type TestServer } from '../../main/kit/postgres-server-fixture.ts'
import { ended, openCommandLine, type CommandLine, type Ended } from './offloop.ts'

let offloop: CommandLine
let server: TestServer

test.describe('a PostgreSQL server from the command line', () => {
  test.skip(noServer !== undefined, noServer ?? '')
  test.beforeAll(async () => {
    server = await startServer()
    offloop = await openCommandLine()
  })
  test.afterAll(async () => {
    await offloop.close()
    await server.remove()
  })

  const query = (sql: string, ...more: string[]): Promise<Ended> =>
    offloop.run(['query', server.address(), sql, ...more])

  test('asks for a password by its code, and keeps one that comes by the standard input', async () => {
    const refused = await query('select 1')
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[database 28P01]'),
    })
    expect(await offloop.run(['password', server.address()])).toMatchObject({ status: 2 })
    const saved = await offloop.run(['password', server.address()], `${PASSWORD}\n`)
    expect(saved).toMatchObject({ status: 0, stdout: '' })
    expect(saved.stderr).not.toContain(PASSWORD)
    expect(await query('select 1 as a', '--format', 'csv')).toMatchObject({ status: 0, stdout: 'a\n1\n' })
  })

  test('runs several statements on one connection, with parameters and exact values', async () => {
    const text = `create temp table t (n bigint, x numeric, b bytea, j json, a int[], d date, f float8);
      do $$ begin raise notice 'half way; still'; end $$;
      insert into t values (:n, 12345678901234567890.10, '\\x00ff', '{"a": 1.50}', '{1,null}', '2026-02-03', 'NaN');
      select t.*, $1::text as p from t`
    const { status, stdout, stderr } = await query(
      text,
      ...['--format', 'jsonl', '--param', 'n=9223372036854775807', '--param', '1=x;y'],
    )
    expect(stderr).toBe('NOTICE: half way; still\n')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      ...{ n: '9223372036854775807', x: '12345678901234567890.10', b: { blob: '00ff' }, j: '{"a": 1.50}' },
      ...{ a: '{1,NULL}', d: '2026-02-03', f: 'NaN', p: 'x;y' },
    })
    const open = await query('begin; create table never (a int)')
    expect(open).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('inside a transaction'),
    })
    const failing = await query("select 1;\nselect '🐘', nothere", '--format', 'csv')
    expect(failing).toMatchObject({ status: 1, stdout: '?column?\n1\n' })
    expect(failing.stderr).toBe('offloop:2:13: column "nothere" does not exist. [database 42703]\n')
    expect((await query('insert into pg_class default values', '--readonly')).stderr).toContain('25006')
  })

  test('a time limit and Ctrl-C stop the statement on the server', async () => {
    const asleep = async (): Promise<number> => {
      const sql = "select count(*) as n from pg_stat_activity where query like 'select pg_sleep(36%'"
      return (JSON.parse((await query(sql, '--format', 'jsonl')).stdout) as { n: number }).n
    }
    expect(await query('select pg_sleep(3600)', '--timeout', '500ms')).toMatchObject({ status: 124 })
    expect(await asleep()).toBe(0)
    const child = offloop.start(['query', server.address(), 'select pg_sleep(3601)'])
    const ending = ended(child)
    while ((await asleep()) === 0);
    child.kill('SIGINT')
    expect(await ending).toMatchObject({ status: 130 })
    expect(await asleep()).toBe(0)
  })

  test('a session holds one connection, and shows schema, import and export beside it', async () => {
    const lines = [
      { id: 1, sql: 'create table shop (id int primary key, what text)' },
      { id: 2, sql: 'begin' },
      { id: 3, sql: 'insert into shop values ($1, :what)', params: { 1: 7, what: 'x' } },
      { id: 4, sql: 'selec' },
      { id: 5, sql: 'rollback' },
      { id: 6, sql: "do $$ begin raise warning 'odd'; end $$" },
      { id: 7, sql: 'select count(*) from shop', raw: true },
    ]
    const input = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const { status, stdout } = await offloop.run(['session', server.address()], input)
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(status).toBe(0)
    expect(answers).toMatchObject([
      { id: 1, changes: 0 },
      { id: 2 },
      { id: 3, changes: 1, rows: [] },
      { id: 4, error: { code: 'database', engineCode: '42601', position: 0 } },
      { id: 5 },
      { id: 6, notices: [{ severity: 'WARNING', message: 'odd' }] },
      { id: 7, rows: [[0]], changes: null },
    ])
    expect((await offloop.run(['schema', server.address()])).stdout).toBe(
      'table public.shop\n  id integer not null primary key\n  what text\n',
    )
    await writeFile(offloop.at('shop.csv'), 'id,what\n1,one\n2,\n')
    const imported = await offloop.run([
      ...['import', server.address(), offloop.at('shop.csv'), '--table', 'shop', '--append'],
    ])
    expect(imported).toMatchObject({ status: 0 })
    const exported = await offloop.run([
      ...['export', '--database', server.address(), '--sql', 'select * from shop order by id'],
      ...['--to', offloop.at('out.csv')],
    ])
    expect(exported).toMatchObject({ status: 0 })
    expect(await readFile(offloop.at('out.csv'), 'utf8')).toBe('id,what\n1,one\n2,\n')
  })

  test('a session that is left is ended on the server, and rolled back', async () => {
    const child = offloop.start(['session', server.address()])
    const answered = child.stdout ? once(child.stdout, 'data') : undefined
    child.stdin?.write('{"sql":"begin"}\n')
    await answered
    child.kill('SIGKILL')
    await once(child, 'exit')
    const idle = "select 1 from pg_stat_activity where state like 'idle in transaction%'"
    while ((await query(idle, '--format', 'csv')).stdout !== '?column?\n');
  })
})
